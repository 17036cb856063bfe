import type { Plan } from '../compile/plan.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { schemaVersion } from '../catalog/schema-version.ts'

/** `$1` schema, `$2` names → functions of these names that are not this leaderboard's (`$3`) own from an earlier installation. */
const TAKEN = `
  select p.proname as name
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where n.nspname = $1 and p.proname = any ($2::text[])`
const NOT_OWN = `
    and not exists (
      select
      from millrace.model m
      where m.schema_name = $1 and m.name = $3
        and m.plan -> 'leaderboard' -> 'readers' @> jsonb_build_array(jsonb_build_object('name', p.proname)))`

/** Functions of the application that have the names by which a leaderboard would be read: they must not be replaced. */
export async function takenReaders(
  client: Client,
  { model, leaderboard }: Plan,
): Promise<readonly MillraceError[]> {
  if (leaderboard === undefined) return []
  const names = leaderboard.readers.map(({ name }) => name)
  const isInstalled = (await schemaVersion(client)) > 0
  const taken = await client.query<{ name: string }>(
    isInstalled ? TAKEN + NOT_OWN : TAKEN,
    isInstalled ? [model.schema, names, model.name] : [model.schema, names],
  )
  return taken.map(
    ({ name }) =>
      new MillraceError('NAME_TAKEN', {
        detail: `there is a function ${model.schema}.${name}`,
        hint: 'Rename the leaderboard, or rename or drop the function.',
      }),
  )
}
