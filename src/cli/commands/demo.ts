import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { databaseUrlProblem } from '../../define/check-database-url.ts'
import { isRecord } from '../../define/is-record.ts'
import { loadModule } from '../../define/load-config.ts'
import { MillraceError } from '../../errors.ts'
import * as client from '../../client/index.ts'
import * as millrace from '../../index.ts'
import { wholeNumber } from '../number-option.ts'
import { withDatabaseUrl } from '../open-database.ts'
import type { Run } from '../session.ts'

/** What an application's `src/demo.ts` exports. Its result is an exit code; with `json` it prints one document. */
export interface DemoOptions {
  readonly seconds?: number | undefined
  readonly json: boolean
  readonly signal: AbortSignal
  readonly databaseUrl: string
  readonly port?: number | undefined
}

interface Options {
  readonly seconds?: number
  readonly port?: number
  readonly database?: string
}

const APPS = new URL('../../../apps/', import.meta.url)

/** `millrace demo`: DATABASE_URL is not used, since it may name a database that must not be written to. */
export function demoCommand(run: Run): Command {
  return new Command('demo')
    .description('Runs an application with data and simulated users, on a PostgreSQL of its own.')
    .argument('[app]', 'the application', 'builder-network')
    .option('--seconds <n>', 'stop after so long', wholeNumber(1, 86_400))
    .option('--port <n>', 'port of the status page', wholeNumber(0, 65_535))
    .option('--database <url>', 'write into this database instead')
    .addHelpText('after', '\nExample:\n  millrace demo builder-network --seconds 20 --json')
    .action((app: string, { seconds, port, database }: Options) =>
      run('demo', async (session) => {
        const file = demoFile(app)
        const problem = database === undefined ? undefined : databaseUrlProblem(database)
        if (problem !== undefined) {
          throw new MillraceError('BAD_DATABASE_URL', {
            detail: `--database ${problem}`,
            hint: 'Write postgresql://user:password@host:5432/database.',
          })
        }

        const demo = demoOf(await loadModule(file, { millrace, client }), file)
        const config = {
          file: fileURLToPath(new URL(`${app}/millrace.config.ts`, APPS)),
          database,
          directUrl: undefined,
        }
        const alone = { ...session, env: { ...session.env, DATABASE_URL: undefined } }
        const code = await withDatabaseUrl(alone, config, (databaseUrl) =>
          demo({ seconds, port, databaseUrl, json: session.output.isJson, signal: session.signal }),
        )
        return code === 0 ? 0 : 1
      }),
    )
}

function demoFile(app: string): string {
  const file = fileURLToPath(new URL(`${app}/src/demo.ts`, APPS))
  if (/^[a-z-]+$/.test(app) && existsSync(file)) return file
  throw new MillraceError('BAD_USAGE', {
    detail: `there is no application "${app}"`,
    hint: 'The applications are in apps/ of the repository: builder-network.',
  })
}

function demoOf(exported: unknown, file: string): (options: DemoOptions) => Promise<number> {
  if (isRecord(exported) && typeof exported['demo'] === 'function') {
    return exported['demo'] as (options: DemoOptions) => Promise<number>
  }
  throw new MillraceError('BAD_CONFIG', { detail: 'it exports no function demo', file })
}
