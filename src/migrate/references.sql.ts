/** → the schemas in which this session looks names up, in order. */
export const SEARCH_PATH = `
  select schema
  from unnest(current_schemas(false)) with ordinality as path (schema, position)
  order by position`

/** `$1` names → what has one of them, with its schema. */
export const RELATIONS_OF_NAMES = `
  select n.nspname as schema, c.relname as name
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relname = any ($1::text[])
    and c.relkind in ('r', 'p', 'v', 'm', 'f')`
