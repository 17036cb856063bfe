import { hiddenSources } from '../sql/hidden-rows.ts'
import { literal, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import type { PlanInstall, RelationName } from './plan.ts'

interface AllRowsParts {
  /** Null where no policies are reckoned with. */
  readonly allRows: RelationName | null
  readonly model: RelationName
  readonly sources: readonly RelationName[]
}

/** DDL of the function, if there is one. */
export function allRowsOf({ allRows, model, sources }: AllRowsParts): Pick<PlanInstall, 'up' | 'down'> {
  if (allRows === null) return { up: [], down: [] }
  const name = qualified(allRows)
  return {
    up: [allRowsFunction(name, model, sources).text, sql`revoke all on function ${name} from public`.text],
    down: [sql`drop function if exists ${name}()`.text],
  }
}

/**
 * The function that keeps a strict read, and a writer who applies his changes, from a wrong answer: policies are applied as those of the
 * owner of what Millrace makes, and where one hides rows from him the answer would lack them. It returns true or
 * raises; security definer, so that it looks as the views do.
 */
function allRowsFunction(name: Sql, model: RelationName, sources: readonly RelationName[]): Sql {
  return sql`create or replace function ${name}() returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $millrace$
declare
  hidden text;
begin
  select string_agg(h.source, ', ')
  into hidden
  from (
${hiddenSources(sources, trusted('current_user'))}
  ) as h;
  if hidden is not null then
    raise exception using
      errcode = 'insufficient_privilege',
      message = format(${literal(`%s cannot be computed: policies hide rows of %s from %s`)}, ${literal(`${model.schema}.${model.name}`)}, hidden, current_user),
      hint = 'Let the role see all rows of it: with BYPASSRLS, or by a policy for it with USING (true).';
  end if;
  return true;
end
$millrace$`
}
