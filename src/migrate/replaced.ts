import type { Plan, PlanReplaced, RelationName } from '../compile/plan.ts'
import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { displayName } from '../sql/names.ts'
import { TAKEN_NAME } from './preflight.sql.ts'
import { OWNED_BY_OTHERS, STANDING_ON } from './replaced.sql.ts'

/** `pg_class.relkind` of what can be replaced. */
const KINDS: Readonly<Record<PlanReplaced['kind'], string>> = {
  view: 'v',
  'materialized view': 'm',
  table: 'r',
}

/** What has a read model's name, by its `relkind`, is what the model is to take the place of. */
export function isReplaced(kind: string, replaces: PlanReplaced | undefined): boolean {
  return replaces !== undefined && KINDS[replaces.kind] === kind
}

/**
 * What would keep a read model from taking the place of something: views and foreign keys that stand on it, which would go on
 * with rows that nobody keeps up to date, and a lack of rights. Where it does not stand any more there is nothing to find.
 */
export async function replacedProblems(
  client: Client,
  { model, replaces }: Pick<Plan | RefreshPlan, 'model' | 'replaces'>,
): Promise<readonly MillraceError[]> {
  if (replaces === undefined) return []
  const named = [model.schema, model.name, KINDS[replaces.kind]]
  const standing = await client.query<{ object: string }>(STANDING_ON, named)
  const tables = replaces.triggers.map(({ table }) => table)
  const owned = await client.query<{ owner: string; object: string }>(OWNED_BY_OTHERS, [
    ...named,
    tables.map(({ schema }) => schema),
    tables.map(({ name }) => name),
  ])
  return [...standing.map(({ object }) => isUsed(displayName(model), object)), ...owned.map(belongsToAnother)]
}

function isUsed(model: string, object: string): MillraceError {
  return new MillraceError('REPLACED_IS_USED', {
    detail: `${object} stands on ${model}`,
    hint: `Drop it, and make it again on the read model afterwards.`,
  })
}

function belongsToAnother({
  object,
  owner,
}: {
  readonly object: string
  readonly owner: string
}): MillraceError {
  return new MillraceError('PRIVILEGE_MISSING', {
    detail: `${object} belongs to ${owner}, and only its owner can rename it or disable its triggers`,
    hint: `Run as an administrator: grant "${owner}" to the role in the URL.`,
  })
}

/** Whether what a read model replaces has its name still. */
export async function stillStands(
  client: Client,
  model: RelationName,
  replaces: PlanReplaced,
): Promise<boolean> {
  const [found] = await client.query<{ kind: string }>(TAKEN_NAME, [model.schema, model.name])
  return found !== undefined && isReplaced(found.kind, replaces)
}
