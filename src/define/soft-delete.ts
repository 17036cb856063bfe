import { ident, join, literal, sql, type Sql } from '../sql/sql.ts'
import { declaredAt } from './declared-at.ts'
import type { SqlObject } from './sql-object.ts'

/** What the columns of a soft delete are called, and who is noted as the one who did it. */
export interface SoftDeleteOptions {
  /** Whether the row is deleted: the column as the table calls it, capitals and all; `deleted` unless said otherwise. */
  readonly deleted?: string | undefined
  /** When it was deleted: `deletedAt` unless said otherwise. A column without a time zone holds UTC. */
  readonly deletedAt?: string | undefined
  /** Who did it: `deletedBy` unless said otherwise; null: the table has no such column. */
  readonly deletedBy?: string | null | undefined
  /** The setting of the session that names the actor: `set_config('app.user_id', '7', true)`. */
  readonly actor?: string | undefined
}

/**
 * Keeps the columns of a soft delete consistent, whoever writes: `deletedAt` and `deletedBy` are set exactly where `deleted` is
 * true, on insert and on every update that names one of them, and restoring clears them. What an import says is kept.
 *
 * ```ts
 * export const posts = softDelete('posts', { actor: 'app.user_id' })
 * ```
 */
export function softDelete(table: string, options: SoftDeleteOptions = {}): SqlObject {
  const { up, down } = triggerSql(table, options)
  return Object.freeze({
    kind: 'sqlObject',
    name: `soft_delete:${table}`,
    up,
    down,
    declaredAt: declaredAt(softDelete),
  })
}

function triggerSql(
  table: string,
  {
    deleted = 'deleted',
    deletedAt = 'deletedAt',
    deletedBy = 'deletedBy',
    actor = 'app.current_user_id',
  }: SoftDeleteOptions,
): { readonly up: Sql; readonly down: Sql } {
  const parts = table.split('.')
  const relation = ident(...parts)
  const name = `soft_delete_${parts.at(-1) ?? ''}`.slice(0, 63)
  const fn = ident(...parts.slice(0, -1), name)
  const columns = [deleted, deletedAt, ...(deletedBy === null ? [] : [deletedBy])].map((it) => ident(it))
  const [flag, at, by] = columns
  if (flag === undefined || at === undefined) throw new Error('a soft delete has two columns at least')
  const body = bodyOf(flag, at, by, literal(actor))
  return {
    up: sql`create or replace function ${fn}() returns trigger language plpgsql set search_path = pg_catalog as $function$
${body}
$function$;
create or replace trigger ${ident(name)}
  before insert or update of ${join(columns)} on ${relation}
  for each row execute function ${fn}()`,
    down: sql`drop trigger if exists ${ident(name)} on ${relation};
drop function ${fn}()`,
  }
}

/** Which of the two says what is meant: the flag, unless it is only the time that the statement changes. */
function bodyOf(flag: Sql, at: Sql, by: Sql | undefined, actor: Sql): Sql {
  const onDelete =
    by === undefined
      ? sql``
      : sql`
    if new.${by} is null and was then new.${by} := old.${by}; end if;
    if new.${by} is null and not was then new.${by} := nullif(current_setting(${actor}, true), ''); end if;`
  const onRestore = by === undefined ? sql`` : sql`\n    new.${by} := null;`
  return sql`declare
  was boolean := false;
begin
  if tg_op = 'UPDATE' then
    was := coalesce(old.${flag}, false);
    if new.${flag} is not distinct from old.${flag} and new.${at} is distinct from old.${at} then
      new.${flag} := new.${at} is not null;
    end if;
  elsif new.${at} is not null then
    new.${flag} := true;
  end if;
  new.${flag} := coalesce(new.${flag}, false);
  if new.${flag} then
    if new.${at} is null and was then new.${at} := old.${at}; end if;
    if new.${at} is null then
      -- a column without a zone holds UTC, whatever the zone of the session
      if pg_typeof(new.${at}) = 'timestamp'::regtype then new.${at} := timezone('UTC', now()); else new.${at} := now(); end if;
    end if;${onDelete}
  else
    new.${at} := null;${onRestore}
  end if;
  return new;
end`
}
