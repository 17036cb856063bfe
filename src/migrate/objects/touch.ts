import type { ObjectDefinition, TouchDefinition } from '../../define/resolve-object.ts'
import type { Client } from '../../pg/client.ts'
import { ident, join, sql } from '../../sql/sql.ts'

interface TouchedTable {
  readonly name: string
  /** Those that the server computes, which a trigger before the row cannot compare, left out; null: there are none such. */
  readonly columns: readonly string[] | null
}

/** Ordinary and partitioned tables that have the column: a trigger of the parent is one of its partitions, too. */
const TABLES_WITH = `
  select c.relname as name,
    case when exists (select from pg_attribute g where g.attrelid = c.oid and g.attgenerated <> '' and not g.attisdropped) then
      (
        select json_agg(a.attname order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      )
    end as columns
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition
    and exists (
      select from pg_attribute a
      where a.attrelid = c.oid and a.attname = $2 and not a.attisdropped and a.attgenerated = ''
        and a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype)
    )
  order by 1`

/** The objects that touchUpdatedAt() stands for in this database: a function, and a trigger for each table. */
export async function touchObjects(
  client: Client,
  touch: TouchDefinition,
): Promise<readonly ObjectDefinition[]> {
  const { schema, column, except } = touch
  const all = await client.query<TouchedTable & object>(TABLES_WITH, [schema, column])
  const tables = all.filter(({ name }) => !except.includes(name) && !except.includes(`${schema}.${name}`))
  if (tables.length === 0) return []
  const fn = functionObject(touch)
  return [fn, ...tables.map((table) => triggerObject(touch, table, fn.name))]
}

function functionName({ column }: TouchDefinition): string {
  return `touch_${column}`.slice(0, 63)
}

function functionObject(touch: TouchDefinition): ObjectDefinition {
  const fn = ident(touch.schema, functionName(touch))
  const column = ident(touch.column)
  return {
    name: `touch:${touch.schema}.${touch.column}`,
    up: sql`create or replace function ${fn}() returns trigger language plpgsql set search_path = pg_catalog as $function$
begin
  -- whoever sets it himself is believed
  if new.${column} is distinct from old.${column} then return new; end if;
  -- a column without a zone holds UTC, whatever the zone of the session
  if pg_typeof(new.${column}) = 'timestamp'::regtype then new.${column} := timezone('UTC', now()); else new.${column} := now(); end if;
  return new;
end
$function$`.text,
    down: sql`drop function ${fn}()`.text,
    dependsOn: [],
    file: touch.file,
  }
}

function triggerObject(
  touch: TouchDefinition,
  { name, columns }: TouchedTable,
  fn: string,
): ObjectDefinition {
  const relation = ident(touch.schema, name)
  const trigger = ident(functionName(touch))
  const row = (side: string) =>
    columns === null ? ident(side) : sql`row(${join(columns.map((it) => ident(side, it)))})`
  return {
    name: `touch:${touch.schema}.${name}.${touch.column}`,
    // By image: rows of json have no equality.
    up: sql`create or replace trigger ${trigger} before update on ${relation}
  for each row when (pg_catalog.record_image_ne(${row('old')}, ${row('new')}))
  execute function ${ident(touch.schema, functionName(touch))}()`.text,
    down: sql`drop trigger if exists ${trigger} on ${relation}`.text,
    dependsOn: [fn],
    file: touch.file,
  }
}
