-- A network of builders whose team keeps what its pages show by hand: side tables by row triggers, materialized views that every
-- write refreshes. It is right: every counter goes down again, every write that matters refreshes.
create table users (
  id int primary key,
  username text not null,
  is_active boolean not null default true
);
create table projects (
  id int primary key,
  user_id int not null references users on delete cascade,
  title text not null,
  proof_score int not null default 0,
  comment_count int not null default 0,
  is_deleted boolean not null default false,
  created_at timestamp not null
);
create table comments (
  id int primary key,
  project_id int not null references projects on delete cascade,
  user_id int not null references users on delete cascade,
  parent_id int
);
create table upvotes (
  user_id int not null references users on delete cascade,
  project_id int not null references projects on delete cascade,
  is_upvote boolean not null,
  primary key (user_id, project_id)
);
create table validation_badges (
  id int primary key,
  project_id int not null references projects on delete cascade,
  validator_id int not null references users on delete cascade,
  badge_type text not null
);
create table direct_messages (
  id int primary key,
  sender_id int not null references users on delete cascade,
  recipient_id int not null references users on delete cascade,
  message text not null,
  is_read boolean not null default false
);
create table intro_requests (
  id int primary key,
  investor_id int not null references users on delete cascade,
  builder_id int not null references users on delete cascade,
  status text not null default 'pending'
);
create index on projects (user_id);
create index on comments (project_id);
create index on upvotes (project_id);
create index on validation_badges (project_id);
create index on validation_badges (validator_id);
create index on direct_messages (recipient_id);
create index on intro_requests (builder_id);
create index on intro_requests (investor_id);

-- The dashboard: one row for each user.
create table user_dashboard_stats (
  user_id int primary key references users on delete cascade,
  project_count int not null default 0 check (project_count >= 0),
  active_projects int not null default 0,
  badges_given bigint not null default 0,
  badges_received int not null default 0,
  total_proof_score bigint not null default 0,
  unread_messages int not null default 0,
  karma_score int not null default 0,
  last_updated_at timestamptz not null default now()
);
create index idx_dashboard_proof on user_dashboard_stats (total_proof_score desc);

create function update_dashboard_user() returns trigger language plpgsql as $$
begin
  insert into user_dashboard_stats (user_id) values (new.id) on conflict (user_id) do nothing;
  return new;
end $$;
create trigger trg_dashboard_user after insert on users for each row execute function update_dashboard_user();

create function update_dashboard_project_stats() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update user_dashboard_stats
    set project_count = project_count + 1, last_updated_at = now()
    where user_id = new.user_id;
    if new.is_deleted = false then
      update user_dashboard_stats set active_projects = active_projects + 1 where user_id = new.user_id;
    end if;
  elsif tg_op = 'UPDATE' then
    if old.is_deleted = false and new.is_deleted = true then
      update user_dashboard_stats set active_projects = greatest(active_projects - 1, 0) where user_id = new.user_id;
    elsif old.is_deleted = true and new.is_deleted = false then
      update user_dashboard_stats set active_projects = active_projects + 1 where user_id = new.user_id;
    end if;
  else
    update user_dashboard_stats
    set project_count = project_count - 1,
        active_projects = active_projects - case when old.is_deleted then 0 else 1 end,
        last_updated_at = now()
    where user_id = old.user_id;
    update user_dashboard_stats
    set total_proof_score = (
      select coalesce(sum(p.proof_score), 0) from projects p where p.user_id = old.user_id and not p.is_deleted)
    where user_id = old.user_id;
    return old;
  end if;
  update user_dashboard_stats
  set total_proof_score = (
    select coalesce(sum(p.proof_score), 0) from projects p where p.user_id = new.user_id and not p.is_deleted)
  where user_id = new.user_id;
  return new;
end $$;
create trigger trg_dashboard_project_stats after insert or update of is_deleted, proof_score or delete on projects
  for each row execute function update_dashboard_project_stats();

create function update_dashboard_badge_stats() returns trigger language plpgsql as $$
declare
  v_owner int;
begin
  if tg_op = 'DELETE' then
    select user_id into v_owner from projects where id = old.project_id;
    update user_dashboard_stats set badges_given = badges_given - 1 where user_id = old.validator_id;
    update user_dashboard_stats set badges_received = badges_received - 1 where user_id = v_owner;
    return old;
  end if;
  select user_id into v_owner from projects where id = new.project_id;
  update user_dashboard_stats set badges_given = badges_given + 1 where user_id = new.validator_id;
  update user_dashboard_stats set badges_received = badges_received + 1 where user_id = v_owner;
  return new;
end $$;
create trigger trg_dashboard_badge_stats after insert or delete on validation_badges
  for each row execute function update_dashboard_badge_stats();

create function update_dashboard_message_count() returns trigger language plpgsql as $$
begin
  case tg_op
    when 'INSERT' then
      if not new.is_read then
        insert into user_dashboard_stats (user_id, unread_messages) values (new.recipient_id, 1)
        on conflict (user_id) do update set unread_messages = user_dashboard_stats.unread_messages + 1;
      end if;
    when 'UPDATE' then
      if not old.is_read and new.is_read then
        update user_dashboard_stats set unread_messages = greatest(0, unread_messages - 1)
        where user_id = new.recipient_id;
      end if;
    else
      if not old.is_read then
        update user_dashboard_stats set unread_messages = unread_messages - 1 where user_id = old.recipient_id;
      end if;
  end case;
  return null;
end $$;
create trigger trg_dashboard_message_count after insert or update or delete on direct_messages
  for each row execute function update_dashboard_message_count();

-- Introductions: a count for each state.
create table intro_request_stats (
  user_id int primary key references users on delete cascade,
  pending_requests int not null default 0,
  approved_requests int not null default 0,
  rejected_requests int not null default 0,
  sent_requests int not null default 0
);
create function update_intro_request_stats() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into intro_request_stats (user_id, pending_requests) values (new.builder_id, 1)
    on conflict (user_id) do update set pending_requests = intro_request_stats.pending_requests + excluded.pending_requests;
    insert into intro_request_stats (user_id, sent_requests) values (new.investor_id, 1)
    on conflict (user_id) do update set sent_requests = intro_request_stats.sent_requests + 1;
  elsif old.status = 'pending' and new.status <> old.status then
    update intro_request_stats set pending_requests = greatest(pending_requests - 1, 0) where user_id = new.builder_id;
    if new.status = 'approved' then
      update intro_request_stats set approved_requests = approved_requests + 1 where user_id = new.builder_id;
    elsif new.status = 'rejected' then
      update intro_request_stats set rejected_requests = rejected_requests + 1 where user_id = new.builder_id;
    end if;
  end if;
  return new;
end $$;
create trigger trg_intro_request_stats after insert or update on intro_requests
  for each row execute function update_intro_request_stats();

-- A counter in a table of the application's own.
create function count_comments() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update projects set comment_count = comment_count + 1 where id = new.project_id;
  else
    update projects set comment_count = comment_count - 1 where id = old.project_id;
  end if;
  return null;
end $$;
create trigger trg_comment_count after insert or delete on comments for each row execute function count_comments();

-- Pages, refreshed by whatever they show.
create materialized view mv_feed_projects as
select p.id, p.title, u.username, p.proof_score, p.created_at,
  (select count(*) from upvotes v where v.project_id = p.id and v.is_upvote) as upvote_count,
  (select count(*) from comments c where c.project_id = p.id and c.parent_id is null) as top_comments,
  (select count(*) from validation_badges b where b.project_id = p.id) as badge_count
from projects p
join users u on u.id = p.user_id
where not p.is_deleted;
create unique index idx_mv_feed_id on mv_feed_projects (id);
create index idx_mv_feed_proof on mv_feed_projects (proof_score desc, id);
create index idx_mv_feed_loved on mv_feed_projects (upvote_count desc) where upvote_count > 0;

create materialized view mv_leaderboard_builders as
select u.id, u.username, coalesce(sum(p.proof_score), 0) as total_karma,
  row_number() over (order by coalesce(sum(p.proof_score), 0) desc, u.id) as rank
from users u
left join projects p on p.user_id = u.id and not p.is_deleted
where u.is_active
group by u.id, u.username
order by total_karma desc, u.id
limit 1000;
create unique index idx_mv_builders_id on mv_leaderboard_builders (id);

create materialized view mv_search_index as
select 'project' as result_type, p.id, p.title as name, to_tsvector('english', p.title) as search_vector
from projects p
where not p.is_deleted
union all
select 'user', u.id, u.username, to_tsvector('english', u.username)
from users u
where u.is_active;
create index idx_search_vector on mv_search_index using gin (search_vector);

create materialized view mv_lucky as
select p.id, p.title, random() as luck from projects p;

create table mv_refresh_log (
  id serial primary key,
  view_name text not null,
  completed_at timestamptz not null default now()
);
create function log_mv_refresh(view_name text) returns void language plpgsql as $$
begin
  execute format('refresh materialized view concurrently %I', view_name);
  insert into mv_refresh_log (view_name) values (view_name);
end $$;

create function refresh_feed() returns trigger language plpgsql as $$
begin
  perform log_mv_refresh('mv_feed_projects');
  return null;
end $$;
create function refresh_leaderboards() returns trigger language plpgsql as $$
begin
  refresh materialized view concurrently mv_leaderboard_builders;
  return null;
end $$;
create function refresh_search() returns trigger language plpgsql as $$
begin
  refresh materialized view mv_search_index;
  return null;
end $$;
create trigger trg_refresh_feed_project after insert or update or delete on projects
  for each statement execute function refresh_feed();
create trigger trg_refresh_feed_vote after insert or update or delete on upvotes
  for each statement execute function refresh_feed();
create trigger trg_refresh_feed_badge after insert or delete on validation_badges
  for each statement execute function refresh_feed();
create trigger trg_refresh_feed_comment after insert or delete on comments
  for each statement execute function refresh_feed();
create trigger trg_refresh_feed_user after update of username on users
  for each statement execute function refresh_feed();
create trigger trg_refresh_leaderboards_project after insert or update or delete on projects
  for each statement execute function refresh_leaderboards();
create trigger trg_refresh_leaderboards_user after insert or update or delete on users
  for each statement execute function refresh_leaderboards();
create trigger trg_refresh_search_project after insert or update of title, is_deleted or delete on projects
  for each statement execute function refresh_search();
create trigger trg_refresh_search_user after insert or update or delete on users
  for each statement execute function refresh_search();
