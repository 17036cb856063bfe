import { Command } from 'commander'
import type { Config } from '../../define/resolve-config.ts'
import { MillraceError } from '../../errors.ts'
import { refusalErrors, tryQuery, type Tried } from '../../explain/try-query.ts'
import { combine } from '../../define/problems.ts'
import type { Candidate } from '../../explain/choose-keys.ts'
import { section, table } from '../description/layout.ts'
import { renderDescription } from '../description/render-description.ts'
import { checkedUrl } from '../database-option.ts'
import { withDatabase } from '../open-database.ts'
import { readQuery, type ReadQuery } from '../read-query.ts'
import { failuresOf, renderFailures, type Failure } from '../render-error.ts'
import type { Run, Session } from '../session.ts'
import type { Style } from '../style.ts'

interface Options {
  readonly key?: string
  readonly database?: string
  readonly measure?: boolean
  readonly sql?: boolean
  readonly config?: string
}

const HELP = `
Nothing is installed and nothing is left behind: what PostgreSQL is asked is rolled back. A session that is read only by
default will do. Nothing of the query is run unless --measure says so.

Exit codes:
  0  the query can be kept, each change followed
  1  an error: no connection, no query, a query that PostgreSQL rejects
  2  it can only be refreshed as a whole, or is refused

Example:
  millrace try 'select id, title from posts'
  millrace try --key user_id,day report.sql
  pbpaste | millrace try --json`

/** `millrace try`: how a query could be kept, before anything is installed. */
export function tryCommand(run: Run): Command {
  return new Command('try')
    .description(
      'Tells of a query whether it can be kept, how, and at what cost; or why not. Installs nothing.',
    )
    .argument('[query]', 'the SELECT itself, a file of SQL, or - for what is piped in')
    .option('--key <columns>', 'the columns that identify a row: id or user_id,day (found where left out)')
    .option('--database <url>', 'instead of that of the configuration or DATABASE_URL')
    .option('--measure', 'run the statements too, and tell how long they take')
    .option('--sql', 'show every statement too')
    .addHelpText('after', HELP)
    .action((argument: string | undefined, options: Options) =>
      run('try', async (session) => {
        const query = await readQuery(session, argument)
        const config = await configOf(session, options)
        const tried = await withDatabase(session, config, async (client) => {
          // Somebody else's lock on a table is no reason to wait without a word.
          await client.query(`set lock_timeout = '5s'`)
          return await tryQuery(client, query.text, {
            key: keyOf(options.key),
            searchPath: config.searchPath,
            measure: options.measure,
            signal: session.signal,
          })
        })
        const outcome = { ...tried, refusals: failuresIn(tried, query, session.cwd) }
        session.output.result(outcome, (it, style) => render(it, style, options.sql === true))
        return tried.verdict === 'kept' ? 0 : 2
      }),
    )
}

type Where = Pick<Config, 'directUrl' | 'database' | 'file' | 'searchPath'>

/** A configuration is not needed where a database is named. */
async function configOf(session: Session, { database, config }: Options): Promise<Where> {
  const none = { directUrl: undefined, searchPath: undefined, file: session.cwd }
  if (database !== undefined && config === undefined) return { ...none, database: checkedUrl(database) }
  try {
    const found = await session.loadConfig()
    return database === undefined ? found : { ...found, directUrl: undefined, database: checkedUrl(database) }
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'CONFIG_NOT_FOUND' || config !== undefined)
      throw error
    const url = session.env['DATABASE_URL'] ?? ''
    if (url !== '') return { ...none, database: undefined }
    const hint =
      'Give --database postgresql://user@host/database, set DATABASE_URL, or run it beside a configuration.'
    throw new MillraceError('DATABASE_MISSING', {
      detail: 'there is no configuration either',
      hint,
      cause: error,
    })
  }
}

function keyOf(key: string | undefined): readonly string[] | undefined {
  return key?.split(',').map((it) => it.trim())
}

/** Refusals are told like errors, with the caret under the user's own text. */
function failuresIn({ refusals }: Tried, { text, file }: ReadQuery, cwd: string): readonly Failure[] {
  const [first, ...others] = refusalErrors(refusals, text, file)
  return first === undefined ? [] : failuresOf(combine([first, ...others]), cwd)
}

interface Outcome extends Omit<Tried, 'refusals'> {
  readonly refusals: readonly Failure[]
}

function render(outcome: Outcome, style: Style, withSql: boolean): string {
  const { refusals, description } = outcome
  return [
    `${heading(outcome, style)}\n`,
    ...(refusals.length === 0 ? [] : [renderFailures(refusals, style)]),
    ...renderKeys(outcome, style),
    ...(description === null ? [] : renderDescription(description, style, { withSql, withQuery: false })),
    ...renderNext(outcome, style),
  ]
    .join('\n')
    .trimEnd()
}

function heading({ verdict, description }: Outcome, style: Style): string {
  switch (verdict) {
    case 'kept': {
      const missing = (description?.indexes ?? []).filter(({ existing }) => existing === null).length
      const but =
        missing === 0
          ? ''
          : style.warning(`; ${String(missing)} ${missing === 1 ? 'index is' : 'indexes are'} missing`)
      return `${style.good('kept')}  each change is followed to the rows that it affects${but}`
    }
    case 'refreshed':
      return `${style.warning('refreshed')}  as a whole, on a schedule: its changes cannot be followed`
    case 'refused':
      return `${style.error('refused')}  as it stands`
  }
}

function renderKeys({ key, otherKeys, description }: Outcome, style: Style): readonly string[] {
  if (key === null) return []
  const others = otherKeys.map(({ columns, refusedBy }) => [
    columns.join(', '),
    refusedBy === null ? 'possible too' : `unique, and refused by ${refusedBy}`,
  ])
  const unit =
    description === null ? [] : [`unit: ${description.unit.columns.join(', ')}, ${description.unit.because}`]
  return [section('key', style, [...table([[key.columns.join(', '), key.because], ...others]), ...unit])]
}

function renderNext({ verdict, key }: Outcome, style: Style): readonly string[] {
  if (key === null || verdict === 'refused') return []
  const freshness = verdict === 'kept' ? `'eventual'` : `{ every: '5 minutes' }`
  return [section('declare it', style, [declaration(key, freshness)])]
}

function declaration({ columns }: Candidate, freshness: string): string {
  const names = columns.map((it) => `'${it.replaceAll("'", String.raw`\'`)}'`)
  const key = names.length === 1 ? (names[0] ?? '') : `[${names.join(', ')}]`
  return `readModel('your_model', { key: ${key}, freshness: ${freshness}, query: sql\`…\` })`
}
