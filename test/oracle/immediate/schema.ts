import { SCHEMA } from '../tables.ts'

/**
 * The oracle's tables, to which children may come before their parents; and an application with triggers of its own, of
 * which one writes at commit.
 */
export const IMMEDIATE_SCHEMA = `${SCHEMA}
alter table comments alter constraint comments_project_id_fkey deferrable;
alter table comments alter constraint comments_user_id_fkey deferrable;
alter table votes alter constraint votes_project_id_fkey deferrable;
alter table votes alter constraint votes_user_id_fkey deferrable;
alter table messages alter constraint messages_recipient_id_fkey deferrable;

alter table votes add column fee numeric(8, 2) generated always as (case when up then 1.50 else -0.25 end * weight) stored;

create function score_tagged() returns trigger language plpgsql as $$
begin
  update projects set score = score + 1 where id = coalesce(new.project_id, old.project_id);
  return null;
end $$;
create trigger score_tagged after insert or delete on tags for each row execute function score_tagged();

create function score_ranked() returns trigger language plpgsql as $$
begin
  update projects set score = new.rank where category_id = new.id and id % 7 = 0;
  return null;
end $$;
create constraint trigger score_ranked after update on categories deferrable initially deferred
for each row execute function score_ranked();
`
