import type { Plan } from '../compile/plan.ts'
import { MillraceError } from '../errors.ts'
import { failPoint } from '../fail-points.ts'
import type { Client } from '../pg/client.ts'
import { deleteForeignRows, hasForeignRows } from './drain.sql.ts'
import { queryByRows } from './kept-plans.ts'
import { findSourceChanges, sourceChanged } from './source-changes.ts'

/** What a drain finds when it has begun. */
export interface Begun {
  readonly locked: boolean
  readonly isClean: boolean
  readonly isInstalled: boolean
  /** A source of which policies hide rows from us. */
  readonly hidden: string | null
  readonly role: string
  readonly snapshot: string
  readonly cluster: string
  readonly n: string | null
  readonly lastSnapshot: string | null
  readonly horizon: string | null
  readonly lastCluster: string | null
}

export interface WindowRead {
  readonly changes: number
  readonly cause: 'change' | 'backfill' | 'rebuild'
}

/**
 * Reads the size of the window. A first drain, one that finds a rebuild mark, and one that is asked to, put every unit
 * into pending.
 */
export async function readWindow(
  client: Client,
  plan: Plan,
  begun: Begun,
  { rebuild = false }: { readonly rebuild?: boolean },
): Promise<WindowRead> {
  if (begun.n === null || rebuild) await forgetForeignRows(client, plan)
  if (begun.n === null) {
    await client.query(plan.statements.enumerate, ['backfill'])
    await failPoint('backfill.enumerated')
    return { changes: 0, cause: 'backfill' }
  }
  if (rebuild) {
    // The window need not be followed, nor be of this cluster: all that is visible now is covered by every unit.
    await client.query(plan.statements.enumerate, ['rebuild'])
    return { changes: 0, cause: 'rebuild' }
  }
  if (begun.lastCluster !== begun.cluster) {
    throw new MillraceError('WATERMARK_OF_ANOTHER_CLUSTER', {
      detail: `${plan.model.schema}.${plan.model.name} was last drained in ${begun.lastCluster ?? 'nowhere'}, this is ${begun.cluster}`,
      hint: `Run: millrace rebuild ${plan.model.name}`,
    })
  }

  // How many there are is not known before it: it is a range of an index for few and many.
  const [window] = await queryByRows<{ changes: number; rebuild: string | null }>(
    client,
    plan.statements.window,
    [begun.lastSnapshot, begun.horizon],
    { few: true },
  )
  if (window === undefined) throw new Error('the window returned no row')
  if (window.rebuild === null) return { changes: window.changes, cause: 'change' }
  // What asks for it may be the change of a source: then each write would ask again, for what another query is needed for.
  const changes = await findSourceChanges(client, plan)
  if (changes.length > 0) throw sourceChanged(plan, changes)
  await client.query(plan.statements.enumerate, [`rebuild: ${window.rebuild}`])
  return { changes: window.changes, cause: 'rebuild' }
}

/**
 * Deletes queue rows that came with a dump of another cluster. Their transactions may be in this one's future, and then
 * they would be in every window until its counter has caught up. Only the owner of the queues can; there are none as a rule.
 */
async function forgetForeignRows(client: Client, plan: Plan): Promise<void> {
  for (const { queue } of plan.sources) {
    const [found] = await client.query<{ exists: boolean }>(hasForeignRows(queue))
    if (found?.exists === true) await client.query(deleteForeignRows(queue))
  }
}
