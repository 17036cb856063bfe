import { Command } from 'commander'
import type { WorkEvent } from '../../work/events.ts'
import { startWorker } from '../../embed/start-worker.ts'
import type { InstalledModel } from '../../work/model.ts'
import { installedModels } from '../installed-models.ts'
import { wholeNumber } from '../number-option.ts'
import { withDatabase, withDatabaseUrl } from '../open-database.ts'
import type { Output } from '../output.ts'
import { counted } from '../progress.ts'
import { tellBacklog, type ToldAt } from '../tell-backlog.ts'
import { address, listenForWorker, type Address } from '../serve-worker.ts'
import type { Run } from '../session.ts'

/** `millrace work`: runs until Ctrl-C. */
export function workCommand(run: Run): Command {
  return new Command('work')
    .description('The worker: keeps every read model fresh until it is stopped.')
    .option('--max-idle <ms>', 'how long it sleeps between looks at most', wholeNumber(1, 60_000))
    .option(
      '--http <[host:]port>',
      'serves health and metrics, on this machine only where no host is given',
      address,
    )
    .addHelpText('after', '\nExample:\n  millrace work')
    .action(({ maxIdle, http }: { readonly maxIdle?: number; readonly http?: Address }) =>
      run('work', async (session) => {
        const { signal, output } = session
        const config = await session.loadConfig()
        const totals = newTotals()
        await withDatabaseUrl(session, config, async (url) => {
          // The loop waits for a server that is away; one that was never there is an error to tell at once.
          await withDatabase(session, { ...config, directUrl: url }, (client) => installedModels(client))
          const onEvent = (event: WorkEvent) => {
            tell(event, output, totals)
          }
          const server = http === undefined ? undefined : await listenForWorker(http)
          try {
            const worker = startWorker({ database: url }, { signal, maxIdleMs: maxIdle, onEvent })
            server?.serve(worker, url)
            if (server !== undefined) output.log(`health and metrics at ${server.url}`)
            await worker.done
          } finally {
            server?.close()
          }
        })
        output.result(
          {
            drains: totals.drains,
            units: totals.units,
            rowsChanged: totals.rowsChanged,
            failures: totals.failures,
          },
          (it) =>
            `${counted(it.drains, 'drain')}, ${counted(it.units, 'unit')}, ${counted(it.rowsChanged, 'row')} changed`,
        )
        return 0
      }),
    )
}

interface Totals {
  drains: number
  units: number
  rowsChanged: number
  failures: number
  toldAt: number
  told: number
  readonly backlogs: ToldAt
}

export function newTotals(): Totals {
  return {
    drains: 0,
    units: 0,
    rowsChanged: 0,
    failures: 0,
    toldAt: performance.now(),
    told: 0,
    backlogs: new Map(),
  }
}

/** More often would flood a log under load. */
const TELL_EVERY_MS = 5_000

/** Says what a worker does, now and then: each drain would be too much. */
export function tell(
  event: WorkEvent,
  output: Pick<Output, 'log' | 'logStyle' | 'progress'>,
  totals: Totals,
): void {
  const style = output.logStyle
  switch (event.kind) {
    case 'started':
      output.log(`working on ${namesOf(event.models) || 'no read models yet'}`)
      return
    case 'models-changed':
      output.log(`read models now: ${namesOf(event.models) || 'none'}`)
      return
    case 'shared':
      output.log(`one of ${counted(event.workers, 'worker')}: ${namesOf(event.models) || 'none'}`)
      return
    case 'drained':
      totals.drains += 1
      totals.units += event.result.units
      totals.rowsChanged += event.result.rowsChanged
      for (const { error } of event.result.failed)
        output.log(style.error(`${event.model.name}: set aside: ${error}`))
      tellBacklog(event, output, totals.backlogs)
      tellTotals(output, totals)
      return
    case 'failed':
      totals.failures += 1
      output.log(
        style.error(`${event.model.name}: ${event.error.message}; again in ${seconds(event.retryInMs)}`),
      )
      return
    case 'job-done':
      output.log(`${event.job}: ${counted(event.rowsChanged, 'row')} changed in ${seconds(event.durationMs)}`)
      return
    case 'job-failed': {
      totals.failures += 1
      const again = event.retryInMs === null ? '' : `; again in ${seconds(event.retryInMs)}`
      output.log(style.error(`${event.job}: ${event.error.message}${again}`))
      return
    }
    case 'disconnected':
      totals.failures += 1
      output.log(style.error(`no connection: ${event.error.message}; again in ${seconds(event.retryInMs)}`))
      return
    case 'rotated':
    case 'refused':
    case 'stopped':
      return
  }
}

function namesOf(models: readonly InstalledModel[]): string {
  // Of a model, versions are drained that are not in use, too.
  return [...new Set(models.map(({ name }) => name))].join(', ')
}

function tellTotals(output: Pick<Output, 'log'>, totals: Totals): void {
  const now = performance.now()
  if (now - totals.toldAt < TELL_EVERY_MS) return
  output.log(`${counted(totals.units - totals.told, 'unit')} in ${seconds(now - totals.toldAt)}`)
  totals.toldAt = now
  totals.told = totals.units
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
