import { Command } from 'commander'
import { drainAndRefresh } from '../../work/drain-and-refresh.ts'
import { installedVersions } from '../installed-models.ts'
import { withDatabase } from '../open-database.ts'
import { counted } from '../progress.ts'
import type { Run } from '../session.ts'

/** `millrace drain`: for scripts, cron and serverless routes. */
export function drainCommand(run: Run): Command {
  return new Command('drain')
    .description('Drains until every queue is empty, refreshes what is due, once, and ends.')
    .addHelpText('after', '\nExample:\n  millrace drain --json')
    .action(() =>
      run('drain', async (session) => {
        const config = await session.loadConfig()
        const { signal, output } = session
        const drained = await withDatabase(session, config, async (client) => {
          const models = (await installedVersions(client)).filter(({ state }) => state !== 'waiting')
          return await drainAndRefresh(client, models, {
            signal,
            onDrain: ({ name }, { units, pending }) => {
              output.progress.update(name, units, units + pending)
            },
          })
        })
        signal.throwIfAborted()

        output.result(drained, ({ drains, units, rowsChanged, refreshed, failed }, style) => {
          const due = refreshed === 0 ? '' : `, ${counted(refreshed, 'model')} refreshed`
          const done = `${counted(drains, 'drain')}, ${counted(units, 'unit')}, ${counted(rowsChanged, 'row')} changed${due}`
          return failed === 0
            ? done
            : `${done}, ${style.error(`${counted(failed, 'unit')} set aside with an error`)}`
        })
        return drained.failed === 0 ? 0 : 1
      }),
    )
}
