/** `$1` schema, `$2` table → the state (`tgenabled`) of the capture trigger of each event; null where there is none. */
export const CAPTURE_TRIGGERS = `
  select event, t.tgenabled::text as state
  from unnest(array['insert', 'update', 'delete', 'truncate']) as event
  left join pg_catalog.pg_trigger t
    on t.tgrelid = (select c.oid from pg_catalog.pg_class c
                    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where n.nspname = $1 and c.relname = $2)
   and t.tgname = '!millrace_' || event
   and not t.tgisinternal
  order by event`

/** `$1` schema, `$2` table → a row for each subscription that writes the table. */
export const SUBSCRIPTIONS = `
  select 1
  from pg_catalog.pg_subscription_rel r
  join pg_catalog.pg_class c on c.oid = r.srrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2`

/** `$1` storage → was its watermark taken in this database? */
export const CLUSTERS = `
  select w.cluster = millrace.cluster() as same
  from millrace.watermark w
  where w.model = $1
  order by w.n desc
  limit 1`
