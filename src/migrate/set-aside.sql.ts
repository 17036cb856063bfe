/** → `{ schema, name, kind, aside, triggers: [{ table, trigger }] }`: what read models have taken the place of, with the triggers that nobody else silences. */
export const SET_ASIDE = `
  select t.schema_name as schema, t.name, t.kind, t.aside,
         (select coalesce(json_agg(json_build_object('table', s ->> 'table', 'trigger', s ->> 'trigger')), '[]')
          from jsonb_array_elements(t.triggers) as s
          where to_regclass(s ->> 'table') is not null
            and not exists (
              select
              from millrace.taken_over as other, jsonb_array_elements(other.triggers) as silenced
              where (other.schema_name, other.name) <> (t.schema_name, t.name)
                and silenced -> 'table' = s -> 'table' and silenced -> 'trigger' = s -> 'trigger'
            )) as triggers
  from millrace.taken_over as t
  where not t.returned
  order by 1, 2`

/** `$1` schema, `$2` name */
export const FORGET_SET_ASIDE = `
  delete from millrace.taken_over
  where schema_name = $1::text and name = $2::text and not returned`

/** Read models that would give a name back to what is not there any more: nothing else is to have it. */
export const FORGET_REPLACED = `
  update millrace.model as m
  set plan = m.plan - 'replaces'
  where m.plan ? 'replaces'
    and not exists (select from millrace.taken_over as t where (t.schema_name, t.name) = (m.schema_name, m.name))`
