import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import type { Config } from '../../define/resolve-config.ts'
import { MillraceError } from '../../errors.ts'
import type { Client } from '../../pg/client.ts'
import { displayName } from '../../sql/names.ts'
import type { Draft } from '../../take-over/draft.ts'
import { EXAMPLE, EXAMPLE_TABLE, makeExample } from '../../take-over/example.ts'
import { filesOf, type DraftFile } from '../../take-over/files.ts'
import { firstModel, firstTables, tableNamed } from '../../take-over/first-model.ts'
import { readProject, type Project } from '../../take-over/project.ts'
import { propose, type Proposal } from '../../take-over/propose.ts'
import { AT_TERMINAL, type Questions } from '../ask.ts'
import { checkedUrl } from '../database-option.ts'
import { renderInit, type Initialised } from '../description/render-init.ts'
import { withDatabase } from '../open-database.ts'
import type { Run, Session } from '../session.ts'
import { planFor, type Planned } from './plan.ts'

interface Options {
  readonly table?: string
  readonly database?: string
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly config?: string
}

const HELP = `
The database is only read; only where none is named, and the embedded one is empty, the tables of an example are made in it. What is
written: millrace.config.ts and one file for each read model in models/; a file that is
there already is left as it is. Names are those of read models to make: without any, all that can be made are.

Example:
  millrace init
  millrace init --dry-run --json
  millrace init mv_feed user_stats`

/** `millrace init`: writes a configuration and declarations, of what the team has kept by hand or of a first read model. */
export function initCommand(run: Run): Command {
  return new Command('init')
    .description('Writes a configuration and read models: takes over what a team has made by hand.')
    .argument('[name...]', 'materialized views and tables to take over; all that can be if none is given')
    .option('--table <name>', 'the table of a first read model, where there is nothing to take over')
    .option('--database <url>', 'instead of that of the configuration or DATABASE_URL')
    .option('--yes', 'ask nothing, also at a terminal')
    .option('--dry-run', 'write nothing')
    .addHelpText('after', HELP)
    .action((names: readonly string[], options: Options) =>
      run('init', async (session) => {
        const outcome = await initialise(session, names, options)
        session.output.result(outcome, renderInit)
        return 0
      }),
    )
}

async function initialise(
  session: Session,
  names: readonly string[],
  options: Options,
): Promise<Initialised> {
  const place = await placeOf(session, options)
  const project = await readProject(session.cwd)
  const questions = questionsOf(session, options)
  return await withDatabase(session, place, async (client) => {
    const look = () => propose(client, { only: names, searchPath: place.searchPath, signal: session.signal })
    const found = await look()
    const isExample =
      isOurOwn(session, place) && options.dryRun !== true && (await isExampleWanted(found, questions))
    if (isExample) await makeExample(client)
    const proposal = isExample ? await look() : found
    const unknown = names.find((it) => ![...proposal.takeOver, ...proposal.left].some(isCalled(it)))
    if (unknown !== undefined) throw unknownName(unknown, proposal)
    const drafts = await chosen(
      proposal,
      isExample ? { ...options, table: EXAMPLE_TABLE } : options,
      questions,
    )
    const files = [...(isExample ? [EXAMPLE] : []), ...filesOf(drafts, project)].map((it) => ({
      ...it,
      isThere: existsSync(join(session.cwd, it.path)),
    }))
    const isDry = options.dryRun === true
    if (!isDry) await write(session.cwd, files)
    return {
      takeOver: proposal.takeOver.filter((it) => drafts.includes(it)),
      beside: proposal.beside.filter((it) => drafts.includes(it)),
      first: drafts.find((it) => ![...proposal.takeOver, ...proposal.beside].includes(it)) ?? null,
      left: proposal.left,
      migrations: project.migrations,
      files: files.map(({ path, isThere, text }) => ({
        path,
        text,
        outcome: isThere ? 'kept' : isDry ? 'left out' : 'written',
      })),
      plan: isDry ? null : await plan(session, client, files, project),
    }
  })
}

type WithPresence = DraftFile & { readonly isThere: boolean }

/** Where to look: no configuration is needed. */
async function placeOf(session: Session, { database, config }: Options) {
  const none = {
    directUrl: undefined,
    database: undefined,
    searchPath: undefined,
    file: join(session.cwd, 'millrace.config.ts'),
  }
  if (database !== undefined) return { ...none, database: checkedUrl(database) }
  try {
    return await session.loadConfig()
  } catch (error) {
    const isMissing =
      error instanceof MillraceError && error.code === 'CONFIG_NOT_FOUND' && config === undefined
    if (isMissing) return none
    throw error
  }
}

/** No database is named: the embedded one, which nobody else knows, is at hand. */
function isOurOwn(
  { env }: Session,
  { directUrl, database }: Pick<Config, 'directUrl' | 'database'>,
): boolean {
  return (directUrl ?? database ?? (env['DATABASE_URL'] || undefined)) === undefined
}

/** Where there is not one table, only an example can be the first read model. */
async function isExampleWanted(
  { takeOver, beside, left, tables }: Proposal,
  questions: Questions | null,
): Promise<boolean> {
  if ([...takeOver, ...beside, ...left, ...tables].length > 0) return false
  if (questions === null) return true
  const choices = [
    { value: 'example', label: "An example: three tables, made in Millrace's own PostgreSQL" },
    { value: 'nothing', label: 'Nothing yet: write the configuration only' },
  ]
  return (
    (await questions.one('There is no table yet. What shall the first page show?', choices)) === 'example'
  )
}

/** Nobody is asked who pipes, or wants JSON. */
function questionsOf({ output, stdin }: Session, { yes }: Options): Questions | null {
  const isTerminal = stdin.isTTY === true && process.stdin.isTTY && process.stdout.isTTY
  return isTerminal && yes !== true && !output.isJson ? AT_TERMINAL : null
}

/** The read models that shall be written. */
async function chosen(
  proposal: Proposal,
  { table }: Options,
  questions: Questions | null,
): Promise<readonly Draft[]> {
  const { takeOver, beside, tables } = proposal
  const all = [...takeOver, ...beside]
  if (table === undefined && all.length > 0) {
    if (questions === null) return all
    const choices = all.map((it) => ({
      value: displayName(it.relation),
      label: displayName(it.relation),
      hint: it.replaces?.kind,
    }))
    const names = await questions.some('Which of these shall become read models?', choices)
    return all.filter((it) => names.includes(displayName(it.relation)))
  }
  const candidates = firstTables(tables)
  const isAsked = questions !== null && table === undefined && candidates.length > 1
  const name = isAsked
    ? await questions.one(
        'Which table is your page about?',
        candidates.map((it) => ({ value: displayName(it), label: displayName(it) })),
      )
    : table
  const found = tableNamed(tables, name)
  return found === undefined ? [] : [firstModel(found, tables)]
}

async function write(folder: string, files: readonly WithPresence[]): Promise<void> {
  for (const { path, text, isThere } of files) {
    if (isThere) continue
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    // Never over what somebody has written in the meantime.
    await writeFile(file, text, { flag: 'wx' })
  }
}

/** What the configuration that was written comes to; nothing is said of one that was there before, which names none of this. */
async function plan(
  session: Session,
  client: Client,
  files: readonly WithPresence[],
  { language }: Project,
): Promise<Planned | null> {
  const config = files.find(({ path }) => path === `millrace.config.${language}`)
  return config === undefined || config.isThere ? null : await planFor(client, await session.loadConfig())
}

function isCalled(name: string) {
  return ({ relation }: Pick<Draft, 'relation'>) => relation.name === name || displayName(relation) === name
}

function unknownName(name: string, { takeOver, left }: Proposal): MillraceError {
  const known = [...takeOver, ...left].map(({ relation }) => displayName(relation))
  return new MillraceError('BAD_USAGE', {
    detail: `there is no materialized view or counter called ${name}`,
    hint: known.length === 0 ? 'There is none at all.' : `There are ${[...new Set(known)].join(', ')}.`,
  })
}
