import { relative } from 'node:path'
import { Command } from 'commander'
import type { Config } from '../../define/resolve-config.ts'
import { MillraceError } from '../../errors.ts'
import type { Finding } from '../../lint/finding.ts'
import { lintSql, withoutEdits } from '../../lint/lint.ts'
import { terminated } from '../../migrate/formats/sql-text.ts'
import { requireOneHistory, requireUnchanged, withEdits } from '../../migrate/files/check-files.ts'
import { generate, isEmpty, type Generated } from '../../migrate/files/generate.ts'
import { emptySnapshot, readSnapshot, writeSnapshot, type Snapshot } from '../../migrate/files/snapshot.ts'
import { transitionBetween, type Transition } from '../../migrate/files/transition.ts'
import { askedLine, describeTransition, type DescribedChange } from '../describe-change.ts'
import { withOwner } from '../open-database.ts'
import type { Run, Session } from '../session.ts'
import type { Style } from '../style.ts'
import { version } from '../version.ts'
import { wantedState } from '../wanted-state.ts'

interface Options {
  readonly acceptEdits?: boolean
  readonly check?: boolean
}

/** `millrace generate`: with --check exit code 2 when there is something to generate. */
export function generateCommand(run: Run): Command {
  return new Command('generate')
    .description(
      "Writes what has changed since the last migration as a migration in the format of the team's tool.",
    )
    .argument('[name]', 'what the migration is called')
    .option('--check', 'write nothing; exit with code 2 if there is something to write')
    .option('--accept-edits', 'take files that were changed by hand as they are now')
    .addHelpText('after', '\nExample:\n  millrace generate feed')
    .action((name: string | undefined, options: Options) =>
      run('generate', async (session) => {
        const title = titleOf(name, options)
        const config = await session.loadConfig()
        const outcome = await generateFor(session, config, title, options)
        session.output.result(outcome, (it, style) => render(it, style, options))
        return options.check === true && outcome.changes.length > 0 ? 2 : 0
      }),
    )
}

interface Outcome {
  readonly changes: readonly DescribedChange[]
  /** Null where nothing was written. */
  readonly migration: Generated | null
  /** What lint says of its statements: of objects of the user's, above all. */
  readonly findings: readonly Finding[]
}

function titleOf(name: string | undefined, { check = false }: Options): string {
  const title = (name ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  if (title !== '' || check) return title.slice(0, 60)
  throw new MillraceError('BAD_USAGE', {
    detail:
      name === undefined
        ? 'the name of the migration is missing'
        : `"${name}" has neither letters nor digits`,
    hint: 'Write: millrace generate feed',
  })
}

async function generateFor(
  session: Session,
  config: Config,
  title: string,
  { acceptEdits = false, check = false }: Options,
): Promise<Outcome> {
  const { directory } = config.migrations
  const snapshot = await snapshotOf(config, acceptEdits && !check)
  const { to, asked } = await withOwner(session, config, (client) => wantedState(client, config, snapshot))
  for (const it of asked) session.output.log(askedLine(it))
  const transition = await transitionBetween(snapshot, to)
  if (isEmpty(transition)) return { changes: [], migration: null, findings: [] }

  const upgraded = snapshot.schemaVersion > 0 && to.schemaVersion > snapshot.schemaVersion ? [UPGRADE] : []
  const all = [...upgraded, ...describeTransition(transition)]
  const findings = findingsIn(transition, config)
  if (check) return { changes: all, migration: null, findings }
  const input = { directory, snapshot, to, transition, asked, title, at: new Date(), version: version() }
  const { files, ...migration } = await generate(input)
  const shown = files.map((path) => relative(session.cwd, `${directory}/${path}`))
  return { changes: all, migration: { ...migration, files: shown }, findings }
}

/** Its file is called `up`: what is found stands in the statements that `--sql` of plan shows, too. */
function findingsIn({ parts }: Transition, { lint }: Config): readonly Finding[] {
  const text = parts.flatMap(({ statements }) => statements.map(terminated)).join('\n')
  // Its own tables are Millrace's to write.
  const ignore = [...lint.ignore, 'write-to-millrace']
  return lintSql(text, { keep: lint.keep, ignore, inTransaction: true }, 'up').map(withoutEdits)
}

const UPGRADE: DescribedChange = { kind: 'update', model: 'millrace', consequence: null }

/** What was generated so far, if it is all there, and all of it is known. */
async function snapshotOf(
  { migrations: { format, directory } }: Config,
  acceptEdits: boolean,
): Promise<Snapshot> {
  const read = (await readSnapshot(directory)) ?? emptySnapshot(format)
  if (read.tool !== format && read.migrations.length > 0) {
    throw new MillraceError('BAD_CONFIG', {
      detail: `"migrations.format" is ${format}, and the migrations in ${directory} are in the format of ${read.tool}`,
      hint: 'Name another directory, or the former format.',
    })
  }
  await requireOneHistory(directory, read)
  if (!acceptEdits) {
    await requireUnchanged(directory, read)
    return { ...read, tool: format }
  }
  const accepted = await withEdits(directory, read)
  await writeSnapshot(directory, accepted)
  return accepted
}

function render({ changes, migration, findings }: Outcome, style: Style, { check = false }: Options): string {
  if (changes.length === 0) return 'Nothing to generate: the migrations lead to what is declared.'
  const lint = findings.map(
    ({ rule, message, text }) => `${style.warning('lint:')} ${message} (${rule})\n  ${text.trim()}`,
  )
  const told = changes.map(({ kind, model }) => `${check ? `to ${kind}` : kind}  ${style.strong(model)}`)
  if (migration === null) return [...told, ...lint].join('\n')
  const { files, left } = migration
  return [
    ...told,
    '',
    ...files.map((file) => `${style.good('written')}  ${file}`),
    ...(left.length === 0
      ? []
      : ['', `When it has been run, ${style.strong('millrace migrate up')} does the rest:`]),
    ...left.map((it) => `  ${it}`),
    ...lint,
  ].join('\n')
}
