import { Command } from 'commander'
import { suggest } from '../../define/suggest.ts'
import { MillraceError } from '../../errors.ts'
import type { Connection } from '../../pg/client.ts'
import { cancelledBy } from '../../pg/cancel.ts'
import { readJobStates, type JobState } from '../../work/schedule/jobs-state.ts'
import { runJob } from '../../work/schedule/run.ts'
import { connectRunner } from '../../work/session.ts'
import { installedModels } from '../installed-models.ts'
import { withDatabase } from '../open-database.ts'
import { counted } from '../progress.ts'
import type { Run, Session } from '../session.ts'
import type { Style } from '../style.ts'

/** `millrace jobs` and `millrace jobs run`. */
export function jobsCommand(run: Run): Command {
  return new Command('jobs')
    .description('Shows what is done on a schedule, or does it now.')
    .addCommand(listCommand(run), { isDefault: true })
    .addCommand(runCommand(run))
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  millrace jobs\n  millrace jobs run nightly_cleanup')
}

function listCommand(run: Run): Command {
  return new Command('list')
    .description('Shows each job with its next run, its last run and its state.')
    .addHelpText('after', '\nExample:\n  millrace jobs list --json')
    .action(() =>
      run('jobs list', async (session) => {
        const config = await session.loadConfig()
        const jobs = await withDatabase(session, config, async (client) => {
          await installedModels(client)
          return await readJobStates(client)
        })
        session.output.result({ jobs }, (it, style) => renderJobs(it.jobs, style))
        return 0
      }),
    )
}

function runCommand(run: Run): Command {
  return new Command('run')
    .description('Does one job now, and waits until it is done.')
    .argument('<job>', 'its name')
    .addHelpText('after', '\nExample:\n  millrace jobs run nightly_cleanup')
    .action((name: string) =>
      run('jobs run', async (session) => {
        const config = await session.loadConfig()
        const done = await withDatabase(session, config, async (client, url) => {
          await installedModels(client)
          await requireJob(client, name)
          return await runNow(session, url, name)
        })
        session.output.result(done, ({ job, rowsChanged }, style) => {
          return `${style.good('done')}  ${job}: ${counted(rowsChanged, 'row')} changed`
        })
        return 0
      }),
    )
}

async function requireJob(client: Connection, name: string): Promise<void> {
  const names = (await readJobStates(client)).map((it) => it.name)
  if (names.includes(name)) return
  throw new MillraceError('JOB_UNKNOWN', { detail: `"${name}"`, hint: suggest(name, names) })
}

interface Done {
  readonly job: string
  readonly rowsChanged: number
  readonly durationMs: number
}

/** In a session as a worker's: what it holds ends with it. */
async function runNow({ signal }: Session, url: string, job: string): Promise<Done> {
  const client = await connectRunner(url)
  try {
    const outcome = await cancelledBy(signal, { client, url }, () =>
      runJob(client, job, { cause: 'request', isStopped: () => signal.aborted }),
    )
    signal.throwIfAborted()
    if (outcome.status === 'failed') throw outcome.error
    if (outcome.status !== 'completed') {
      const hint = 'Wait until it is done: millrace jobs shows its state.'
      throw new MillraceError('JOB_UNDER_WAY', { detail: `"${job}"`, hint })
    }
    return { job, rowsChanged: outcome.rowsChanged, durationMs: Math.round(outcome.durationMs) }
  } finally {
    await client.end().catch(() => undefined)
  }
}

function renderJobs(jobs: readonly JobState[], style: Style): string {
  if (jobs.length === 0) return 'Nothing is on a schedule.'
  const rows = jobs.map((it) => [it.name, `every ${it.every}`, it.timeZone, it.nextAt, it.state])
  const head = ['job', 'schedule', 'zone', 'next run', 'state']
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    style.faint(line(head)),
    ...jobs.flatMap((job, i) => [line(rows[i] ?? []), `  ${renderLastRun(job, style)}`]),
  ].join('\n')
}

function renderLastRun({ lastRun, failures }: JobState, style: Style): string {
  if (lastRun === null) return 'it has not run yet'
  const { startedAt, durationMs, status, rowsChanged, error } = lastRun
  const took = durationMs === null ? '' : ` in ${(durationMs / 1_000).toFixed(1)} s`
  switch (status) {
    case 'completed':
      return `last run ${startedAt}: ${counted(rowsChanged ?? 0, 'row')} changed${took}`
    case 'running':
      return `running since ${startedAt}`
    case 'failed':
    case 'stopped':
    case 'lost': {
      const often = failures > 1 ? `, the ${String(failures)}th time in a row` : ''
      return `${style.error(`last run ${startedAt}: ${status}${often}`)}: ${error ?? ''}`
    }
  }
}
