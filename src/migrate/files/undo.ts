import { MillraceError } from '../../errors.ts'
import type { Client } from '../../pg/client.ts'
import { loadParser } from '../../sql/parse.ts'
import { withInstallLock } from '../install-lock.ts'
import type { RunFilesOptions } from './apply.ts'
import { readHistory } from './apply.ts'
import { requireSound, type HistoryEntry } from './history.ts'
import { dropEmptyLedger } from './ledger.ts'
import { FORGET } from './ledger.sql.ts'
import { runFile } from './run-file.ts'

/** `last`: the newest one. `after`: all that came after the one that is named. `all`: each. */
export type Undone =
  { readonly kind: 'last' } | { readonly kind: 'after'; readonly name: string } | { readonly kind: 'all' }

/** Undoes migrations, newest first, each by its own file and in a transaction with its line of the ledger. → their names */
export async function undoFiles(
  client: Client,
  directory: string,
  which: Undone,
  options: Omit<RunFilesOptions, 'version'>,
): Promise<readonly string[]> {
  await loadParser()
  return await withInstallLock(client, options.lock, async () => {
    const history = await readHistory(client, directory)
    requireSound(history)
    const applied = history.filter(({ state }) => state === 'applied').toReversed()
    const undone = pick(applied, which)
    // Before anything is undone: what has no way back stays, with all that came before it.
    const files = undone.map(downFile)
    for (const [i, { name }] of undone.entries()) {
      await runFile(client, files[i] ?? '', {
        lock: options.lock,
        onStatement: (done, total) => options.onStatement?.(name, done, total),
        after: async () => {
          await client.query(FORGET, [name])
        },
      })
    }
    await dropEmptyLedger(client)
    return undone.map(({ name }) => name)
  })
}

function pick(applied: readonly HistoryEntry[], which: Undone): readonly HistoryEntry[] {
  switch (which.kind) {
    case 'all':
      return applied
    case 'last':
      return applied.slice(0, 1)
    case 'after': {
      const index = applied.findIndex(({ name }) => name === which.name)
      if (index !== -1) return applied.slice(0, index)
      throw new MillraceError('MIGRATION_UNKNOWN', {
        detail: `${which.name} has not been run in this database`,
        hint: 'millrace migrate status shows the migrations that have.',
      })
    }
  }
}

function downFile({ name, pair }: HistoryEntry): string {
  if (pair?.down !== undefined && pair.down !== null) return pair.down
  throw new MillraceError('MIGRATION_MISSING', {
    detail: `${name} has no file that undoes it (${name}.down.sql)`,
    hint: 'Restore it from version control, or write a migration that goes forward.',
  })
}
