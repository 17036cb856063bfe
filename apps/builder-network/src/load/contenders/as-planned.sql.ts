/**
 * The plan's eight views and what refreshes them, in a schema of their own: with its formulas, from triggers for each statement,
 * inside the writer's transaction. What is wrong with that is wrong on purpose. Three things are mended, without which nothing could be
 * written at all: a unique index for the search, the owner's rights for who refreshes, an index for each count.
 */
export const PLANNED_VIEWS = `
  create schema planned;
  create materialized view planned.mv_feed_projects as
    select p.*, u.username, u.profile_image, u.is_verified,
           (select count(*) from comments c where c.project_id = p.id and c.parent_id is null) as comment_count,
           (select count(*) from upvotes v where v.project_id = p.id and v.is_upvote) as upvote_count,
           (select count(*) from validation_badges b where b.project_id = p.id) as badge_count,
           false as user_has_upvoted,
           0.5 * p.proof_score + 2 * (select count(*) from comments c where c.project_id = p.id)
             + 1.5 * (select count(*) from upvotes v where v.project_id = p.id)
             - 0.1 * extract(epoch from now() at time zone 'utc' - p.created_at) / 3600 as trending_score
    from projects p join users u on u.id = p.user_id
    where not p.is_deleted;
  create unique index on planned.mv_feed_projects (id);
  create index on planned.mv_feed_projects (trending_score desc);
  create index on planned.mv_feed_projects (proof_score desc);
  create index on planned.mv_feed_projects (created_at desc);
  create index on planned.mv_feed_projects (category, trending_score desc);
  create index on planned.mv_feed_projects (is_featured, trending_score desc) where is_featured;

  create materialized view planned.mv_leaderboard_projects as
    select p.id, p.title, p.image_url, p.proof_score, p.user_id, u.username, u.profile_image,
           (select count(*) from validation_badges b where b.project_id = p.id) as badge_count,
           (select count(*) from comments c where c.project_id = p.id) as comment_count,
           (select count(*) from upvotes v where v.project_id = p.id) as vote_count,
           row_number() over (order by p.proof_score desc, p.created_at) as rank
    from projects p join users u on u.id = p.user_id
    where not p.is_deleted and p.proof_score > 0
    order by p.proof_score desc limit 1000;
  create unique index on planned.mv_leaderboard_projects (id);
  create index on planned.mv_leaderboard_projects (rank);
  create index on planned.mv_leaderboard_projects (proof_score desc);

  create materialized view planned.mv_leaderboard_builders as
    select u.id, u.username, u.profile_image, u.bio, u.is_verified, k.total_karma,
           (select count(*) from projects p where p.user_id = u.id and not p.is_deleted) as project_count,
           (select count(*) from validation_badges b where b.validator_id = u.id) as badges_given,
           (select count(*) from comments c where c.user_id = u.id) as comment_count,
           row_number() over (order by k.total_karma desc) as rank
    from users u
    cross join lateral (select coalesce(sum(p.proof_score), 0) as total_karma
                        from projects p where p.user_id = u.id and not p.is_deleted) k
    where u.is_active
    order by k.total_karma desc limit 1000;
  create unique index on planned.mv_leaderboard_builders (id);
  create index on planned.mv_leaderboard_builders (rank);
  create index on planned.mv_leaderboard_builders (total_karma desc);

  create materialized view planned.mv_chains_discovery as
    select c.*, u.username as creator_username, f.follower_count, l.project_count, t.post_count,
           0.3 * f.follower_count + 0.6 * l.project_count + 0.1 * t.recent_count as trending_score
    from chains c join users u on u.id = c.creator_id
    cross join lateral (select count(*) as follower_count from chain_followers it where it.chain_id = c.id) f
    cross join lateral (select count(*) as project_count from chain_projects it where it.chain_id = c.id) l
    cross join lateral (select count(*) as post_count,
                               count(*) filter (where it.created_at > now() - interval '7 days') as recent_count
                        from chain_posts it where it.chain_id = c.id) t
    where c.is_active;
  create unique index on planned.mv_chains_discovery (id);
  create index on planned.mv_chains_discovery (trending_score desc);

  create materialized view planned.mv_chain_posts as
    select t.*, u.username as author_username,
           (select count(*) from chain_post_votes v where v.post_id = t.id and v.is_upvote) as upvote_count,
           (select count(*) from chain_post_comments m where m.post_id = t.id) as comment_count,
           1.5 * (select count(*) from chain_post_votes v where v.post_id = t.id)
             + 2 * (select count(*) from chain_post_comments m where m.post_id = t.id)
             - 0.1 * extract(epoch from now() at time zone 'utc' - t.created_at) / 3600 as trending_score
    from chain_posts t join users u on u.id = t.author_id
    where not t.is_deleted;
  create unique index on planned.mv_chain_posts (id);
  create index on planned.mv_chain_posts (chain_id, is_pinned desc, trending_score desc);

  create materialized view planned.mv_investors_directory as
    select r.*, u.username, u.profile_image, u.bio, u.email,
           (select count(*) from intro_requests i where i.investor_id = r.user_id) as intro_requests_sent,
           (select count(*) from intro_requests i where i.investor_id = r.user_id and i.status = 'approved') as intros_approved
    from investor_requests r join users u on u.id = r.user_id
    where r.status = 'approved';
  create unique index on planned.mv_investors_directory (id);

  create materialized view planned.mv_project_details as
    select p.*, u.username, u.profile_image, u.bio as creator_bio, u.is_verified,
           (select count(*) from comments c where c.project_id = p.id and c.parent_id is null) as comment_count,
           (select count(*) from upvotes v where v.project_id = p.id) as vote_count,
           (select count(*) from validation_badges b where b.project_id = p.id) as badge_count,
           (select jsonb_agg(jsonb_build_object('id', b.id, 'badge_type', b.badge_type, 'validator_id', b.validator_id,
                                                'validator_username', w.username, 'created_at', b.created_at))
            from validation_badges b join users w on w.id = b.validator_id where b.project_id = p.id) as badges_json,
           (select jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name, 'image_url', c.image_url))
            from chain_projects l join chains c on c.id = l.chain_id where l.project_id = p.id) as chains_json
    from projects p join users u on u.id = p.user_id
    where not p.is_deleted;
  create unique index on planned.mv_project_details (id);
  create index on planned.mv_project_details (user_id);

  create materialized view planned.mv_search_index as
    select 'project' as result_type, p.id, p.title as name, p.description, p.proof_score::bigint as relevance_score,
           to_tsvector('english', p.title || ' ' || p.description || ' ' || u.username) as search_vector
    from projects p join users u on u.id = p.user_id where not p.is_deleted
    union all
    select 'user', u.id, u.username, u.bio, (select count(*) from projects p where p.user_id = u.id),
           to_tsvector('english', u.username || ' ' || coalesce(u.bio, ''))
    from users u where u.is_active
    union all
    select 'chain', c.id, c.name, c.description, (select count(*) from chain_followers f where f.chain_id = c.id),
           to_tsvector('english', c.name || ' ' || c.description)
    from chains c where c.is_active and c.is_public;
  create unique index on planned.mv_search_index (result_type, id);
  create index on planned.mv_search_index using gin (search_vector);
  create index on planned.mv_search_index (result_type, relevance_score desc);`

/** Which statements refresh which views: a trigger for each table, as the plan lists them. */
const REFRESHES: readonly (readonly [table: string, events: string, views: readonly string[]])[] = [
  ['projects', 'insert or update or delete', ['mv_feed_projects']],
  ['upvotes', 'insert or delete', ['mv_feed_projects']],
  ['comments', 'insert', ['mv_feed_projects']],
  ['validation_badges', 'insert', ['mv_feed_projects', 'mv_leaderboard_projects', 'mv_leaderboard_builders']],
  ['projects', 'update of proof_score', ['mv_leaderboard_projects', 'mv_leaderboard_builders']],
  ['chains', 'insert or update', ['mv_chains_discovery', 'mv_search_index']],
  ['chain_followers', 'insert or delete', ['mv_chains_discovery']],
  ['chain_projects', 'insert or delete', ['mv_chains_discovery', 'mv_project_details']],
  ['chain_posts', 'insert', ['mv_chains_discovery']],
  ['chain_posts', 'insert or update', ['mv_chain_posts']],
  ['chain_post_votes', 'insert or delete', ['mv_chain_posts']],
  ['chain_post_comments', 'insert', ['mv_chain_posts']],
  ['investor_requests', 'update of status', ['mv_investors_directory']],
  ['intro_requests', 'insert or update', ['mv_investors_directory']],
  ['projects', 'update', ['mv_project_details']],
  ['validation_badges', 'insert', ['mv_project_details']],
  ['projects', 'insert or update', ['mv_search_index']],
  ['users', 'update', ['mv_search_index']],
]

export const PLANNED_REFRESHES = [
  `create function planned.refresh() returns trigger language plpgsql security definer set search_path = public, planned as $$
   declare
     name text;
   begin
     foreach name in array tg_argv loop
       execute format('refresh materialized view concurrently planned.%I', name);
     end loop;
     return null;
   end $$`,
  ...REFRESHES.map(
    ([table, events, views], i) =>
      `create trigger planned_refresh_${String(i)} after ${events} on ${table} for each statement
       execute function planned.refresh(${views.map((it) => `'${it}'`).join(', ')})`,
  ),
].join(';\n')

/** The side tables that the plan keeps by triggers for each row, with the columns of the pages that are asked for. */
export const PLANNED_COUNTERS = `
  create table planned.user_dashboard_stats as
    select u.id as user_id,
           (select count(*) from projects p where p.user_id = u.id)::int as project_count,
           (select count(*) from projects p where p.user_id = u.id and not p.is_deleted)::int as active_projects,
           (select coalesce(sum(p.proof_score), 0) from projects p where p.user_id = u.id and not p.is_deleted)::int as total_proof_score,
           (select count(*) from validation_badges b where b.validator_id = u.id)::int as badges_given,
           (select count(*) from validation_badges b join projects p on p.id = b.project_id where p.user_id = u.id)::int
             as badges_received,
           (select count(*) from direct_messages m where m.recipient_id = u.id and not m.is_read)::int as unread_messages,
           (select count(*) from notifications n where n.user_id = u.id and not n.is_read)::int as unread_notifications
    from users u;
  alter table planned.user_dashboard_stats add primary key (user_id);
  create table planned.message_conversations_denorm as
    select distinct on (user_id, other_user_id) m.*, count(*) over (partition by user_id, other_user_id) as total_messages,
           count(*) filter (where is_unread) over (partition by user_id, other_user_id) as unread_count
    from (select recipient_id as user_id, sender_id as other_user_id, message as last_message_text,
                 created_at as last_message_time, not is_read as is_unread from direct_messages
          union all
          select sender_id, recipient_id, message, created_at, false from direct_messages) m
    order by user_id, other_user_id, last_message_time desc;
  alter table planned.message_conversations_denorm add primary key (user_id, other_user_id);
  create index on planned.message_conversations_denorm (user_id, last_message_time desc);

  create function planned.count_project() returns trigger language plpgsql security definer as $$ begin
    update planned.user_dashboard_stats
    set project_count = project_count + 1, active_projects = active_projects + 1
    where user_id = new.user_id;
    return null;
  end $$;
  create function planned.count_badge() returns trigger language plpgsql security definer set search_path = public as $$ begin
    update planned.user_dashboard_stats set badges_given = badges_given + 1 where user_id = new.validator_id;
    update planned.user_dashboard_stats s
    set badges_received = s.badges_received + 1,
        total_proof_score = (select coalesce(sum(p.proof_score), 0) from projects p
                             where p.user_id = s.user_id and not p.is_deleted)
    where s.user_id = (select p.user_id from projects p where p.id = new.project_id);
    return null;
  end $$;
  create function planned.count_notification() returns trigger language plpgsql security definer as $$ begin
    update planned.user_dashboard_stats set unread_notifications = greatest(0, unread_notifications - 1)
    where user_id = new.user_id;
    return null;
  end $$;
  create function planned.count_message() returns trigger language plpgsql security definer as $$ begin
    update planned.user_dashboard_stats set unread_messages = unread_messages + 1 where user_id = new.recipient_id;
    insert into planned.message_conversations_denorm as c
      (user_id, other_user_id, last_message_text, last_message_time, total_messages, unread_count)
    values (new.sender_id, new.recipient_id, new.message, new.created_at, 1, 0)
    on conflict (user_id, other_user_id) do update
      set last_message_text = excluded.last_message_text, last_message_time = excluded.last_message_time,
          total_messages = c.total_messages + 1;
    insert into planned.message_conversations_denorm as c
      (user_id, other_user_id, last_message_text, last_message_time, total_messages, unread_count)
    values (new.recipient_id, new.sender_id, new.message, new.created_at, 1, 1)
    on conflict (user_id, other_user_id) do update
      set last_message_text = excluded.last_message_text, last_message_time = excluded.last_message_time,
          total_messages = c.total_messages + 1, unread_count = c.unread_count + 1;
    return null;
  end $$;
  create trigger planned_count_project after insert on projects
    for each row execute function planned.count_project();
  create trigger planned_count_badge after insert on validation_badges
    for each row execute function planned.count_badge();
  create trigger planned_count_notification after update on notifications
    for each row when (not old.is_read and new.is_read) execute function planned.count_notification();
  create trigger planned_count_message after insert on direct_messages
    for each row execute function planned.count_message();`
