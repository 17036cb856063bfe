import { Command } from 'commander'
import { requireSchema } from '../../catalog/schema-version.ts'
import { MillraceError } from '../../errors.ts'
import type { Client } from '../../pg/client.ts'
import { hasSqlState, SQLSTATE } from '../../pg/errors.ts'
import { withOwner } from '../open-database.ts'
import type { Run } from '../session.ts'

/** `millrace migrate release`: strict reads that keep a table from being changed. */
export function releaseCommand(run: Run): Command {
  return new Command('release')
    .description(
      'Gives up the strict reads that keep a table, or one column of it, from being dropped or retyped. They raise an error until the next migrate up.',
    )
    .argument('<table>', 'its name, in the search path or with its schema')
    .option('--column <name>', 'only those that read this column')
    .addHelpText('after', '\nExample:\n  millrace migrate release projects --column title')
    .action((table: string, { column }: { readonly column?: string }) =>
      run('migrate release', async (session) => {
        const config = await session.loadConfig()
        const released = await withOwner(session, config, (client) => release(client, table, column ?? null))
        session.output.result({ released }, (it, style) =>
          it.released.length === 0
            ? 'Nothing to do: no strict read depends on it.'
            : it.released.map((model) => `${style.good('released')}  ${model}`).join('\n'),
        )
        return 0
      }),
    )
}

/** `$1` table, `$2` column or null → `{ released: names of read models }` */
const RELEASE = 'select to_json(millrace.release($1::regclass, $2::text)) as released'

async function release(client: Client, table: string, column: string | null): Promise<readonly string[]> {
  await requireSchema(client)
  try {
    const [row] = await client.query<{ released: readonly string[] }>(RELEASE, [table, column])
    // Versions of a model have one strict read.
    return [...new Set(row?.released ?? [])]
  } catch (error) {
    if (!hasSqlState(error, ...UNKNOWN) || !(error instanceof Error)) throw error
    throw new MillraceError('BAD_USAGE', {
      detail: error.message,
      hint: 'Name a table as SQL does: projects, or "crm"."Projects".',
      cause: error,
    })
  }
}

const UNKNOWN = [SQLSTATE.UNDEFINED_TABLE, SQLSTATE.UNDEFINED_COLUMN, SQLSTATE.INVALID_SCHEMA_NAME]
