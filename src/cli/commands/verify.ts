import { Command } from 'commander'
import { driftLine } from '../../verify/drift.ts'
import { verifyRefreshed, type VerifiedRefresh } from '../../verify/refreshed.ts'
import { repair, verify, type Verified } from '../../verify/verify.ts'
import { drainAll } from '../../work/drain-all.ts'
import type { InstalledModel } from '../../work/model.ts'
import type { RefreshedModel } from '../../work/schedule/installed.ts'
import { runWhenFree } from '../../work/schedule/run-when-free.ts'
import type { Client, Connection } from '../../pg/client.ts'
import { pickModels } from '../installed-scheduled.ts'
import { wholeNumber } from '../number-option.ts'
import { withDatabase } from '../open-database.ts'
import { counted, grouped } from '../progress.ts'
import type { Run, Session } from '../session.ts'
import type { Style } from '../style.ts'

interface Options {
  readonly sample?: number
  readonly limit: number
  readonly repair?: true
}

/** `millrace verify`: exit code 1 on drift that is not repaired. */
export function verifyCommand(run: Run): Command {
  return new Command('verify')
    .description('Compares read models with their queries in one snapshot, under load too.')
    .argument('[model...]', 'their names; all of them if none is given')
    .option(
      '--sample <units>',
      'compare only so many units of each, chosen at random',
      wholeNumber(1, 1_000_000),
    )
    .option('--limit <rows>', 'list at most so many differing rows of each', wholeNumber(1, 1_000_000), 100)
    .option('--repair', 'mend the rows that differ, and only those')
    .addHelpText('after', '\nExample:\n  millrace verify feed_projects --sample 1000 --repair')
    .action((names: readonly string[], options: Options) =>
      run('verify', async (session) => {
        const config = await session.loadConfig()
        const outcome = await withDatabase(session, config, async (client) => {
          const { models, refreshed } = await pickModels(client, names)
          const kept = await verifyModels(session, client, models, options)
          return { models: [...kept, ...(await verifySchedule(session, client, refreshed, options))] }
        })
        const isClean = outcome.models.every(({ drift, repaired }) => drift.length === repaired)
        session.output.result(outcome, ({ models }, style) =>
          models.map((it) => renderModel(it, style)).join('\n'),
        )
        return isClean ? 0 : 1
      }),
    )
}

type Outcome = (Verified | VerifiedRefresh) & { readonly repaired: number }

async function verifyModels(
  { signal, output }: Session,
  client: Client,
  models: readonly InstalledModel[],
  { sample, limit, repair: shallRepair }: Options,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [i, model] of models.entries()) {
    output.progress.update(model.name, i, models.length)
    const [verified] = await verify(client, [model], { sample, limit, signal })
    if (verified === undefined) throw new Error(`${model.name} was not compared`)
    const repaired = shallRepair === true ? await mend(client, model, verified, signal) : 0
    outcomes.push({ ...verified, repaired })
  }
  return outcomes
}

/** Those that are refreshed on a schedule: what somebody else wrote is mended by a refresh. */
async function verifySchedule(
  { signal, output }: Session,
  client: Connection,
  refreshed: readonly RefreshedModel[],
  { limit, repair: shallRepair }: Options,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [i, it] of refreshed.entries()) {
    signal.throwIfAborted()
    output.progress.update(it.model.name, i, refreshed.length)
    const verified = await verifyRefreshed(client, it, limit)
    const isMended = shallRepair === true && verified.drift.length > 0
    if (isMended) await runWhenFree(client, it.name, { cause: 'request', signal })
    outcomes.push({ ...verified, repaired: isMended ? verified.drift.length : 0 })
  }
  return outcomes
}

/** Queues exactly the units that differ, and drains them. */
async function mend(
  client: Client,
  model: InstalledModel,
  { drift }: Verified,
  signal: AbortSignal,
): Promise<number> {
  if (drift.length === 0) return 0
  await repair(client, model, drift)
  const { failed } = await drainAll(client, [model], { signal })
  return failed === 0 ? drift.length : 0
}

function renderModel(outcome: Outcome, style: Style): string {
  const { model, rows, drift, queued, causes, repaired } = outcome
  const left = queued === 0 ? '' : `, ${counted(queued, 'unit')} queued and left out`
  if (drift.length === 0) {
    return `${style.good('exact')}  ${model}: ${counted(rows, 'row')}${left}${ageOf(outcome)}\n`
  }
  return [
    `${style.error('drift')}  ${model}: ${grouped(drift.length)} of ${counted(rows, 'row')}${left}`,
    ...drift.map((it) => `  ${driftLine(it)}`),
    ...causes.map((it) => `  ${style.warning('cause:')} ${it}`),
    ...(repaired === 0 ? [`  ${style.good('hint:')} Run: millrace verify ${model} --repair`] : []),
    ...(repaired === 0 ? [] : [`  ${style.good('repaired')} ${counted(repaired, 'row')}`]),
    '',
  ].join('\n')
}

/** Of a model that is refreshed on a schedule: of which moment it is, and what has happened since. */
function ageOf(outcome: Outcome): string {
  if (!('asOf' in outcome)) return ''
  const { asOf, changedSince } = outcome
  const since =
    changedSince === 0 ? 'nothing has changed since' : `${counted(changedSince, 'row')} changed since`
  return ` as of its last refresh at ${asOf ?? 'no time'}, ${since}`
}
