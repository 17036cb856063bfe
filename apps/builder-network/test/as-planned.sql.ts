/**
 * The counters as the plan kept them, in miniature: row triggers for the events that it thought of, on tables of their own
 * in another schema. What is wrong with them is wrong on purpose.
 */
export const AS_PLANNED = `
  create schema planned;
  create table planned.user_dashboard_stats (
    user_id uuid primary key references users on delete cascade,
    active_projects int not null default 0 check (active_projects >= 0),
    total_proof_score int not null default 0,
    badges_received int not null default 0,
    unread_messages int not null default 0);
  create table planned.intro_request_stats (
    user_id uuid primary key references users on delete cascade,
    pending_requests int not null default 0, approved_requests int not null default 0, rejected_requests int not null default 0);
  create table planned.message_conversations_denorm (
    user_id uuid, other_user_id uuid, last_message_text text, total_messages int not null default 1,
    last_message_id uuid references direct_messages on delete cascade,
    primary key (user_id, other_user_id));

  create function planned.on_project() returns trigger language plpgsql as $$ begin
    update planned.user_dashboard_stats set active_projects = active_projects + case
      when tg_op = 'INSERT' and not new.is_deleted then 1
      when tg_op = 'UPDATE' and not old.is_deleted and new.is_deleted then -1
      else 0 end
    where user_id = new.user_id;
    return null;
  end $$;
  create function planned.on_badge() returns trigger language plpgsql as $$ begin
    update planned.user_dashboard_stats set badges_received = badges_received + 1,
      total_proof_score = (select sum(proof_score) from projects p where p.user_id = user_dashboard_stats.user_id)
    where user_id = (select user_id from projects where id = new.project_id);
    return null;
  end $$;
  create function planned.on_message() returns trigger language plpgsql as $$ begin
    update planned.user_dashboard_stats set unread_messages = unread_messages + 1 where user_id = new.recipient_id;
    insert into planned.message_conversations_denorm (user_id, other_user_id, last_message_id, last_message_text)
    values (new.recipient_id, new.sender_id, new.id, new.message)
    on conflict (user_id, other_user_id) do update set last_message_id = excluded.last_message_id,
      last_message_text = excluded.last_message_text, total_messages = message_conversations_denorm.total_messages + 1;
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
  create trigger planned after insert on direct_messages for each row execute function planned.on_message();
  create trigger planned after insert or update on intro_requests for each row execute function planned.on_intro();

  -- so that the triggers, which run as whoever writes, may
  grant usage on schema planned to public;
  grant all on all tables in schema planned to public;`
