/**
 * The design of the plan in miniature and in our own words, in a schema of its own over the same base tables. What is wrong with it is wrong on
 * purpose: which events are missed, what is counted, who waits for whom.
 */

interface View {
  readonly query: string
  /** Without one it cannot be refreshed concurrently. */
  readonly unique: string | null
  /** The events after which it is refreshed, by table. */
  readonly on: Readonly<Record<string, string>>
}

const VIEWS = {
  mv_feed_projects: {
    query: `
      select p.id, p.title, p.created_at, u.username, u.profile_image, u.is_verified, p.proof_score,
             (select count(*) from comments where project_id = p.id and parent_id is null) as comment_count,
             (select count(*) from upvotes where project_id = p.id and is_upvote) as upvote_count,
             (select count(*) from validation_badges where project_id = p.id) as badge_count,
             false as user_has_upvoted,
             p.proof_score * 0.5 + (select count(*) from comments where project_id = p.id) * 2
               + (select count(*) from upvotes where project_id = p.id) * 1.5
               - extract(epoch from current_timestamp - p.created_at) / 3600 * 0.1 as trending_score
      from projects p join users u on u.id = p.user_id
      where p.is_deleted = false`,
    unique: 'id',
    on: {
      projects: 'insert or update or delete',
      upvotes: 'insert or delete',
      validation_badges: 'insert',
      comments: 'insert',
    },
  },
  mv_leaderboard_projects: {
    query: `
      select p.id, p.title, u.username, p.proof_score,
             (select count(*) from validation_badges where project_id = p.id) as badge_count,
             (select count(*) from comments where project_id = p.id) as comment_count,
             (select count(*) from upvotes where project_id = p.id) as vote_count,
             row_number() over (order by p.proof_score desc, p.created_at) as rank
      from projects p join users u on u.id = p.user_id
      where p.is_deleted = false and p.proof_score > 0
      order by p.proof_score desc limit 1000`,
    unique: 'id',
    on: { validation_badges: 'insert', projects: 'update of proof_score' },
  },
  mv_leaderboard_builders: {
    query: `
      select u.id, u.username, coalesce(k.karma, 0) as total_karma,
             row_number() over (order by coalesce(k.karma, 0) desc) as rank
      from users u
      left join (select user_id, sum(proof_score) as karma from projects where is_deleted = false group by user_id) k
             on k.user_id = u.id
      where u.is_active
      order by total_karma desc limit 1000`,
    unique: 'id',
    on: { validation_badges: 'insert', projects: 'update of proof_score' },
  },
  mv_chains_discovery: {
    query: `
      select c.id, c.name, u.username as creator_username,
             (select count(*) from chain_followers where chain_id = c.id) as follower_count,
             (select count(*) from chain_posts where chain_id = c.id) as post_count,
             (select count(*) from chain_posts
              where chain_id = c.id and created_at > current_timestamp - interval '7 days') * 0.1 as trending_score
      from chains c join users u on u.id = c.creator_id
      where c.is_active`,
    unique: 'id',
    on: {
      chains: 'insert or update',
      chain_followers: 'insert or delete',
      chain_projects: 'insert or delete',
      chain_posts: 'insert',
    },
  },
  mv_chain_posts: {
    query: `
      select t.id, t.chain_id, t.title, u.username as author_username,
             (select count(*) from chain_post_votes where post_id = t.id and is_upvote) as upvote_count,
             (select count(*) from chain_post_votes where post_id = t.id) * 1.5 as trending_score
      from chain_posts t join users u on u.id = t.author_id
      where t.is_deleted = false`,
    unique: 'id',
    on: {
      chain_posts: 'insert or update',
      chain_post_votes: 'insert or delete',
      chain_post_comments: 'insert',
    },
  },
  mv_investors_directory: {
    query: `
      select r.id, r.user_id, r.company_name, u.username, u.email,
             (select count(*) from intro_requests where investor_id = r.user_id) as intro_requests_sent
      from investor_requests r join users u on u.id = r.user_id
      where r.status = 'approved'`,
    unique: 'id',
    on: { investor_requests: 'update of status', intro_requests: 'insert or update' },
  },
  mv_project_details: {
    query: `
      select p.id, p.title, u.username,
             (select count(*) from comments where project_id = p.id and parent_id is null) as comment_count,
             (select count(*) from upvotes where project_id = p.id) as vote_count,
             (select json_agg(json_build_object('id', b.id, 'badge_type', b.badge_type))
              from validation_badges b where b.project_id = p.id) as badges_json,
             (select json_agg(json_build_object('id', c.id, 'name', c.name))
              from chain_projects l join chains c on c.id = l.chain_id where l.project_id = p.id) as chains_json
      from projects p join users u on u.id = p.user_id
      where p.is_deleted = false`,
    unique: 'id',
    on: { projects: 'update', validation_badges: 'insert', chain_projects: 'insert or delete' },
  },
  mv_search_index: {
    query: `
      select 'project' as result_type, p.id, p.title as name, p.proof_score::bigint as relevance_score,
             to_tsvector('english', p.title || ' ' || p.description) as search_vector
      from projects p where p.is_deleted = false
      union all
      select 'user', u.id, u.username, (select count(*) from projects where user_id = u.id),
             to_tsvector('english', u.username)
      from users u where u.is_active
      union all
      select 'chain', c.id, c.name, (select count(*) from chain_followers where chain_id = c.id),
             to_tsvector('english', c.name)
      from chains c where c.is_active and c.is_public`,
    // Added, so that it works at all; one case is about its lack.
    unique: 'result_type, id',
    on: { projects: 'insert or update', users: 'update', chains: 'insert or update' },
  },
} as const satisfies Readonly<Record<string, View>>

export type PlannedView = keyof typeof VIEWS

/** Views with what refreshes them: within each write. */
export function plannedViews(...names: readonly PlannedView[]): string {
  return names.map((name) => plannedView(name, VIEWS[name])).join(';\n')
}

export function plannedView(name: string, { query, unique, on }: View): string {
  const triggers = Object.entries(on).map(
    ([table, events]) => `
    create trigger refresh_${name} after ${events} on ${table}
      for each statement execute function planned.refresh_${name}()`,
  )
  return [
    `create materialized view planned.${name} as ${query}`,
    ...(unique === null ? [] : [`create unique index on planned.${name} (${unique})`]),
    `create function planned.refresh_${name}() returns trigger language plpgsql as $$ begin
       insert into planned.refreshes values ('${name}');
       refresh materialized view concurrently planned.${name};
       return null;
     end $$`,
    ...triggers,
  ].join(';\n')
}

/** The side tables that row triggers keep: for the events that the plan thought of. */
export const COUNTERS = `
  create table planned.user_dashboard_stats (
    user_id uuid primary key references users on delete cascade,
    project_count int not null default 0,
    active_projects int not null default 0 check (active_projects >= 0),
    total_proof_score int not null default 0,
    comment_count int not null default 0,
    badges_received int not null default 0,
    intros_sent int not null default 0,
    intros_received int not null default 0,
    intro_requests_pending int not null default 0,
    karma_score int not null default 0,
    unread_messages int not null default 0,
    unread_notifications int not null default 0);
  create table planned.intro_request_stats (
    user_id uuid primary key references users on delete cascade,
    pending_requests int not null default 0, approved_requests int not null default 0, rejected_requests int not null default 0);
  create table planned.message_conversations_denorm (
    user_id uuid, other_user_id uuid, last_message_text text, total_messages int not null default 1,
    unread_count int not null default 0,
    last_message_id uuid references direct_messages on delete cascade,
    primary key (user_id, other_user_id));
  insert into planned.user_dashboard_stats (user_id) select id from users;

  create function planned.on_project() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' and new.is_deleted = false then
      update planned.user_dashboard_stats set project_count = project_count + 1, active_projects = active_projects + 1
      where user_id = new.user_id;
    elsif tg_op = 'UPDATE' and old.is_deleted = false and new.is_deleted = true then
      update planned.user_dashboard_stats set active_projects = active_projects - 1 where user_id = new.user_id;
    end if;
    return null;
  end $$;
  create function planned.on_badge() returns trigger language plpgsql as $$ begin
    update planned.user_dashboard_stats set badges_received = badges_received + 1,
      total_proof_score = (select sum(proof_score) from projects p where p.user_id = user_dashboard_stats.user_id)
    where user_id = (select user_id from projects where id = new.project_id);
    return null;
  end $$;
  create function planned.add_message(me uuid, other uuid, m direct_messages, unread int) returns void language plpgsql as $$ begin
    insert into planned.message_conversations_denorm (user_id, other_user_id, last_message_id, last_message_text, unread_count)
    values (me, other, m.id, m.message, unread)
    on conflict (user_id, other_user_id) do update set last_message_id = excluded.last_message_id,
      last_message_text = excluded.last_message_text, total_messages = message_conversations_denorm.total_messages + 1,
      unread_count = message_conversations_denorm.unread_count + excluded.unread_count;
  end $$;
  create function planned.on_message() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then
      update planned.user_dashboard_stats set unread_messages = unread_messages + 1 where user_id = new.recipient_id;
      perform planned.add_message(new.sender_id, new.recipient_id, new, 0);
      -- nobody has this lock but one who wants both participants to be here at once
      perform pg_advisory_xact_lock_shared(43);
      perform planned.add_message(new.recipient_id, new.sender_id, new, 1);
    elsif not old.is_read and new.is_read then
      update planned.user_dashboard_stats set unread_messages = greatest(0, unread_messages - 1)
      where user_id = new.recipient_id;
    end if;
    return null;
  end $$;
  create function planned.on_notification() returns trigger language plpgsql as $$ begin
    update planned.user_dashboard_stats set unread_notifications = unread_notifications + 1 where user_id = new.user_id;
    return null;
  end $$;
  create function planned.on_intro() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then
      insert into planned.intro_request_stats (user_id, pending_requests) values (new.builder_id, 1)
      on conflict (user_id) do update set pending_requests = intro_request_stats.pending_requests + 1;
    elsif old.status = 'pending' then
      update planned.intro_request_stats set pending_requests = pending_requests - 1,
        approved_requests = approved_requests + (new.status = 'approved')::int,
        rejected_requests = rejected_requests + (new.status = 'rejected')::int
      where user_id = new.builder_id;
    end if;
    return null;
  end $$;

  create trigger planned after insert or update on projects for each row execute function planned.on_project();
  create trigger planned after insert on validation_badges for each row execute function planned.on_badge();
  create trigger planned after insert or update on direct_messages for each row execute function planned.on_message();
  create trigger planned after insert on notifications for each row execute function planned.on_notification();
  create trigger planned after insert or update on intro_requests for each row execute function planned.on_intro()`

/** The function that is to be called in place of each refresh. */
export const BASIC_LOG = `
  create table planned.mv_refresh_log (view_name text, triggered_by text, status text);
  create function planned.log_mv_refresh(name text) returns void language plpgsql as $$ begin
    execute format('refresh materialized view concurrently %I', name);
    insert into planned.mv_refresh_log (view_name, status) values (name, 'completed');
  end $$`

/** Makes the schema, with a log of what was refreshed. */
export const BEGIN = `
  create schema planned;
  create table planned.refreshes (view text);
  grant usage on schema planned to public;
  alter default privileges in schema planned grant all on tables to public`

export const END = 'drop schema planned cascade'

/** The base tables as the plan has them: without what ours were given because of its defects. */
export const LOOSENED = `
  drop index investor_requests_approved_user;
  alter table projects alter column is_deleted drop not null;
  alter table direct_messages drop constraint direct_messages_check;
  alter table upvotes drop constraint idx_upvotes_user_project;
  create index idx_upvotes_user_project on upvotes (user_id, project_id);
  drop index upvotes_project_id, projects_user_id, chain_projects_project_id, comments_parent_id,
             chain_post_votes_user_id, chain_post_comments_post_id, direct_messages_recipient,
             chain_posts_chain_id, chain_posts_created_at`
