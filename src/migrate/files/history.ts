import { MillraceError } from '../../errors.ts'
import type { AppliedMigration } from './ledger.ts'
import type { Pair } from './pairs.ts'

/**
 * A migration as its file and the ledger together tell. `edited`: the file is not what was run. `missing`: it was run and has no
 * file. `late`: it was not run, and one that comes after it was.
 */
export interface HistoryEntry {
  readonly name: string
  readonly state: 'applied' | 'pending' | 'edited' | 'missing' | 'late'
  readonly pair: Pair | null
  readonly applied: AppliedMigration | null
}

/** All migrations, of the directory and of the ledger, in their order. */
export function historyOf(
  pairs: readonly Pair[],
  ledger: readonly AppliedMigration[],
): readonly HistoryEntry[] {
  const names = [...new Set([...pairs, ...ledger].map(({ name }) => name))].sort()
  const last =
    ledger
      .map(({ name }) => name)
      .sort()
      .at(-1) ?? ''
  return names.map((name) => {
    const pair = pairs.find((it) => it.name === name) ?? null
    const applied = ledger.find((it) => it.name === name) ?? null
    return { name, pair, applied, state: stateOf(name, pair, applied, last) }
  })
}

function stateOf(
  name: string,
  pair: Pair | null,
  applied: AppliedMigration | null,
  last: string,
): HistoryEntry['state'] {
  if (pair === null) return 'missing'
  if (applied === null) return name < last ? 'late' : 'pending'
  return applied.checksum === pair.checksum ? 'applied' : 'edited'
}

/** Refuses to go on from a history of which nobody knows what it has made. */
export function requireSound(history: readonly HistoryEntry[]): void {
  const edited = named(history, 'edited')
  if (edited !== undefined) {
    throw new MillraceError('MIGRATION_EDITED', {
      detail: `${edited} has been run in this database, and its file was changed since`,
      hint: 'Restore the file from version control, and put what is to change into a new migration.',
    })
  }
  const missing = named(history, 'missing')
  if (missing !== undefined) {
    throw new MillraceError('MIGRATION_MISSING', {
      detail: `${missing} has been run in this database`,
      hint: 'Restore its files from version control, or check out the branch that has them.',
    })
  }
  const late = named(history, 'late')
  if (late !== undefined) {
    throw new MillraceError('MIGRATION_OUT_OF_ORDER', {
      detail: `${late} has not been run, and a later one has`,
      hint: 'Delete its files and generate it again, so that it comes last.',
    })
  }
}

function named(history: readonly HistoryEntry[], state: HistoryEntry['state']): string | undefined {
  const names = history.filter((it) => it.state === state).map(({ name }) => name)
  return names.length === 0 ? undefined : names.join(', ')
}
