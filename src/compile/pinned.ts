import { readsTimes, takenTypes } from '../analyze/pinning.ts'
import type { PinnedCall } from '../catalog/catalog.ts'
import { ident, join, literal, sql, trusted, type Sql } from '../sql/sql.ts'

/** Text that is the time and not a time: read as such it would give another answer every day. */
const WORDS_OF_TIME = `\\y(now|today|tomorrow|yesterday)\\y`

/**
 * A function that computes one call under settings of its own, so that no session's matter; for then it depends on its arguments
 * alone, it is immutable, and may stand wherever the call stood. In PL/pgSQL, which keeps its plan: a function in SQL with
 * settings is planned at each call.
 */
export function pinnedFunction({ call, values }: PinnedCall, name: Sql): string {
  const given = call.argumentTypes.map((_, i) => trusted(`$${String(i + 1)}`))
  const result = trusted(call.resultType)
  const value =
    call.kind === 'cast'
      ? sql`(${join(given)})::${result}`
      : sql`${ident('pg_catalog', call.name)}(${join(given)})`
  const settings = Object.entries(values).map(
    ([setting, it]) => sql`set ${trusted(setting)} = ${literal(it)}\n`,
  )
  return sql`create or replace function ${name}(${argumentsOf(call)}) returns ${result}
language plpgsql immutable parallel safe
${join(settings, '')}as $millrace$
begin${refuseWords(call)}
  return ${value};
end
$millrace$`.text
}

/** `'today'::date` is another day tomorrow. */
function refuseWords(call: PinnedCall['call']): Sql {
  if (!readsTimes(call)) return sql``
  return sql`
  if $1 ~* ${literal(WORDS_OF_TIME)} then
    raise exception using errcode = 'invalid_datetime_format', message = format('%L changes with the time', $1);
  end if;`
}

function argumentsOf(call: PinnedCall['call']): Sql {
  return join(takenTypes(call).map(trusted))
}

export function signatureOf({ call, name: { schema, name } }: PinnedCall): Sql {
  return sql`${ident(schema, name)}(${argumentsOf(call)})`
}
