import type { Found, FoundJob, FoundRelation } from './catalog.ts'
import type { Reason, TriggerName } from './draft.ts'
import { refreshedByText, type TriggerEffects } from './effects.ts'

/** What keeps relations up to date now: a trigger, or a job of pg_cron. */
export interface Keeper {
  /** As it is told: `trigger trg_votes on public.votes`. */
  readonly label: string
  readonly trigger: TriggerName | null
  readonly job: FoundJob | null
  /** Relations that it refreshes or writes. */
  readonly relations: readonly FoundRelation[]
  /** What else it does, in words. */
  readonly others: readonly string[]
}

export function keepersOf(found: Found, triggers: readonly TriggerEffects[]): readonly Keeper[] {
  return [...triggers.map(triggerKeeper), ...found.jobs.flatMap((job) => jobKeeper(found, job))]
}

function triggerKeeper({ trigger, effects }: TriggerEffects): Keeper {
  const { schema, table, name } = trigger
  const relations = effects.flatMap((it) =>
    it.kind === 'refresh' ? [it.view] : it.kind === 'write' ? [it.table] : [],
  )
  return {
    label: `trigger ${name} on ${schema}.${table}`,
    trigger: { table: { schema, name: table }, name },
    job: null,
    relations: [...new Set(relations)],
    others: [...new Set(effects.flatMap((it) => (it.kind === 'other' ? [it.text] : [])))],
  }
}

function jobKeeper(found: Found, job: FoundJob): readonly Keeper[] {
  const relations = refreshedByText(found, job.command)
  const label = `pg_cron's job ${job.name ?? job.id}`
  return relations === undefined ? [] : [{ label, trigger: null, job, relations, others: [] }]
}

/**
 * Of relations that could be taken over, those whose keepers can all go: a trigger that also does something else must stay, and
 * would write into what is a read model then, or fail. Each of the others with the reason.
 */
export function withoutTies(
  candidates: readonly FoundRelation[],
  keepers: readonly Keeper[],
): ReadonlyMap<FoundRelation, readonly Reason[]> {
  const tied = new Map<FoundRelation, readonly Reason[]>()
  for (let count = -1; count !== tied.size;) {
    count = tied.size
    const going = candidates.filter((it) => !tied.has(it))
    for (const relation of going) {
      const reasons = keepers
        .filter(({ relations }) => relations.includes(relation))
        .flatMap((it) => tiesOf(it, going))
      if (reasons.length > 0) tied.set(relation, reasons)
    }
  }
  return tied
}

function tiesOf({ label, relations, others }: Keeper, going: readonly FoundRelation[]): readonly Reason[] {
  const staying = relations.filter((it) => !going.includes(it))
  const also = [...staying.map(({ schema, name }) => `keeps ${schema}.${name}, which stays`), ...others]
  if (also.length === 0) return []
  return [
    {
      code: null,
      detail: `the ${label} keeps it, and also ${also.join(', ')}`,
      hint: 'Give what else it does a trigger or job of its own, and run millrace init again.',
    },
  ]
}
