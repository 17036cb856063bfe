import { Command } from 'commander'
import { findAllChanges } from '../../migrate/all-changes.ts'
import { isKept } from '../../migrate/changes.ts'
import { scheduledSteps } from '../../migrate/scheduled-steps.ts'
import { rehearseChanges } from '../../migrate/rehearsal.ts'
import { readReaders } from '../../migrate/readers.ts'
import { schemaStatements } from '../../migrate/schema.ts'
import type { Step, StepLock } from '../../migrate/step.ts'
import { findObjectChanges } from '../../migrate/objects/changes.ts'
import { readObjects } from '../../migrate/objects/installed.ts'
import { findCallers } from '../../migrate/objects/callers.ts'
import { runInOpen } from '../../migrate/objects/run.ts'
import { objectSteps } from '../../migrate/objects/steps.ts'
import { extensionsOf, findServerChanges, type ServerChanges } from '../../migrate/server/server.ts'
import { dropHomeStep, homeStep, stepsOf } from '../../migrate/steps.ts'
import type { Client } from '../../pg/client.ts'
import { readInstalled } from '../../migrate/read-installed.ts'
import { readQueues } from '../../migrate/capture-source.ts'
import { estimateRows } from '../../migrate/estimate.ts'
import { compileDeclared, type CompiledDeclarations } from '../../migrate/compile-declared.ts'
import { withOwner } from '../open-database.ts'
import type { Run } from '../session.ts'
import type { Style } from '../style.ts'
import { findSchemaUpgrade, schemaUpgradeStep, type SchemaUpgrade } from '../../migrate/schema-upgrade.ts'
import type { Config } from '../../define/resolve-config.ts'
import { inWords } from '../../doctor/in-words.ts'
import { describeAll, type DescribedChange } from '../describe-change.ts'

/** `millrace plan`: exit code 2 when something would change. */
export function planCommand(run: Run): Command {
  return new Command('plan')
    .description(
      'Shows what would change in the database, each step with its statement, its lock and its inverse.',
    )
    .option('--sql', 'show every statement in full')
    .addHelpText('after', '\nExample:\n  millrace plan --json')
    .action(({ sql = false }: { readonly sql?: boolean }) =>
      run('plan', async (session) => {
        const config = await session.loadConfig()
        const planned = await withOwner(session, config, (client) => planFor(client, config))
        session.output.result(planned, (it, style) => render(it, style, sql))
        return planned.steps.length === 0 ? 0 : 2
      }),
    )
}

export interface Planned {
  readonly schema: SchemaUpgrade | null
  /** What only somebody else can do, or only with a restart of the server. */
  readonly asked: ServerChanges['asked']
  readonly changes: readonly DescribedChange[]
  readonly steps: readonly Step[]
}

/** What `millrace plan` shows of a configuration. */
export async function planFor(client: Client, config: Config): Promise<Planned> {
  const { version, models: installed, scheduled } = await readInstalled(client)
  const server = await findServerChanges(client, config)
  const prepare = extensionsOf(server)
  const declared = await compileDeclared(client, { ...config, prepare })
  const { changes, onSchedule } = findAllChanges(declared, installed, scheduled)
  const standing = await readObjects(client)
  const objects = findObjectChanges(declared.objects, standing)
  const own = objectSteps(objects)
  const files = version === 0 ? await schemaStatements(0) : []
  // Objects come first, and bring the schema with them.
  const home = declared.objects.length > 0 ? [] : files
  const isHomeKept = declared.objects.length > 0 || standing.length > 0
  const isScheduleDeclared = declared.schedule.refreshed.length + declared.schedule.jobs.length > 0
  const schema = await findSchemaUpgrade(client)
  if (schema === null) {
    const first = async () => {
      for (const statement of prepare) await client.query(statement)
      await runInOpen(client, own.aside, config.searchPath)
    }
    await rehearseChanges(client, { changes, onSchedule }, installed, { first })
  }
  const callers = version === 0 ? undefined : await findCallers(client, objects, declared.objects)
  const steps = stepsOf({
    changes,
    installed,
    roles: { worker: config.roles.worker, reader: config.roles.reader },
    queues: await readQueues(
      client,
      installed.filter(isKept).map(({ plan }) => plan),
    ),
    readers: await readReaders(client),
    estimates: await estimateRows(client, changes, installed),
    schema: home,
    isHomeKept: isHomeKept || scheduled.length > 0 || isScheduleDeclared,
  })
  return {
    schema,
    asked: server.asked,
    changes: describeAll({ server, objects, changes, onSchedule, callers }),
    steps: [
      ...server.steps,
      ...(schema === null ? [] : [await schemaUpgradeStep(schema)]),
      ...(files.length > 0 && home.length === 0 ? [homeStep(files)] : []),
      ...own.before,
      ...(changes.length === 0 ? [] : steps),
      ...scheduledSteps({
        changes: onSchedule,
        schema: declared.models.length === 0 ? home : [],
        isLast: scheduled.length > 0 && !isScheduleDeclared && declared.models.length === 0 && !isHomeKept,
      }),
      ...own.after,
      ...(standing.length > 0 && isNothingDeclared(declared) ? [dropHomeStep()] : []),
    ],
  }
}

function isNothingDeclared({ models, schedule, objects }: CompiledDeclarations): boolean {
  return models.length + schedule.refreshed.length + schedule.jobs.length + objects.length === 0
}

function render({ schema, changes, steps, asked }: Planned, style: Style, inFull: boolean): string {
  const others = asked.flatMap((it) => renderAsked(it, style))
  if (steps.length === 0) return ['Nothing to do: the database has what is declared.', ...others].join('\n')
  return [
    ...others,
    ...(schema === null ? [] : [`${style.strong('upgrade')} millrace`]),
    ...changes.flatMap((it) => renderChange(it, style)),
    '',
    ...steps.flatMap((step, i) => renderStep(step, i + 1, style, inFull)),
    `Run ${style.strong('millrace migrate up')} to make these changes.`,
  ].join('\n')
}

function renderAsked(
  { name, value, because, remedy }: Planned['asked'][number],
  style: Style,
): readonly string[] {
  return [
    `${style.warning('not done:')} setting ${name} to ${value}: ${because}`,
    ...remedy.map((it) => `   ${it};`),
  ]
}

function renderChange({ kind, model, consequence }: DescribedChange, style: Style): readonly string[] {
  const line = `${style.strong(kind)} ${model}`
  return consequence === null ? [line] : [line, `  ${style.warning('note:')} ${consequence}`]
}

function renderStep(step: Step, number: number, style: Style, inFull: boolean): readonly string[] {
  const { about, describe, statements, inverse } = step
  return [
    `${style.strong(`${String(number)}. ${about}`)}  ${describe}`,
    ...renderLocks(step.locks, style),
    ...renderHow(step),
    ...renderStatements('does', statements, inFull, style),
    ...renderStatements('inverse', inverse, inFull, style),
    '',
  ]
}

function renderLocks(locks: readonly StepLock[], style: Style): readonly string[] {
  if (locks.length === 0) return ['   lock     none that others could feel']
  return locks.map(({ mode, relation, blocks, duration }) => {
    const whom = blocks === 'nobody' ? 'keeps nobody waiting' : `${blocks} wait`
    const text = `${mode} on ${relation} for ${duration}: ${whom}`
    return `   lock     ${blocks === 'nobody' ? text : style.warning(text)}`
  })
}

function renderHow({ by, inTransaction, estimate }: Step): readonly string[] {
  const how = inTransaction ? 'in transactions of its own' : 'outside of a transaction'
  const run = by === 'runner' ? [`   run      by millrace migrate up, ${how}`] : []
  if (estimate === null) return run
  const time = estimate.seconds === null ? '' : `, about ${inWords(estimate.seconds * 1000)}`
  return [...run, `   rows     about ${estimate.rows.toLocaleString('en')}${time}`]
}

/** Enough to recognise what a step does; `--sql` shows the rest. */
const SHOWN = 3

function renderStatements(
  title: string,
  statements: readonly string[],
  inFull: boolean,
  style: Style,
): readonly string[] {
  const more = statements.length - SHOWN
  const lines = inFull
    ? statements.flatMap((it) => [...it.trim().split('\n'), ''])
    : [
        ...statements.slice(0, SHOWN).map(firstLine),
        ...(more > 0 ? [`and ${String(more)} more: --sql shows them`] : []),
      ]
  const shown = lines.length === 0 ? ['nothing'] : lines
  return shown.map((line, i) => `   ${(i === 0 ? title : '').padEnd(8)} ${style.faint(line)}`.trimEnd())
}

function firstLine(statement: string): string {
  const [line = '', ...more] = statement.trim().split('\n')
  return more.length === 0 ? line : `${line} …`
}
