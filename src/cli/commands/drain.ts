import { Command, InvalidArgumentError } from 'commander'
import { lengthMs } from '../../define/duration.ts'
import { drainOnce, type DrainedOnce } from '../../embed/drain-once.ts'
import { withDatabaseUrl } from '../open-database.ts'
import { counted } from '../progress.ts'
import type { Run } from '../session.ts'
import type { Style } from '../style.ts'

/** `millrace drain`: for scripts, cron and serverless routes. */
export function drainCommand(run: Run): Command {
  return new Command('drain')
    .description('Drains what is queued now, refreshes what is due, once, and ends.')
    .option('--time-limit <length>', "stop after so long: '30 seconds'", lengthOfTime)
    .addHelpText('after', "\nExample:\n  millrace drain --time-limit '30 seconds' --json")
    .action(({ timeLimit }: { readonly timeLimit?: string }) =>
      run('drain', async (session) => {
        const config = await session.loadConfig()
        const { signal, output } = session
        const drained = await withDatabaseUrl(session, config, (url) =>
          drainOnce(
            { database: url },
            {
              timeLimit,
              signal,
              onDrain: ({ name }, { units, pending }) => {
                output.progress.update(name, units, units + pending)
              },
            },
          ),
        )
        output.result(drained, inWords)
        return drained.failed === 0 && drained.isComplete ? 0 : 1
      }),
    )
}

function lengthOfTime(text: string): string {
  if (lengthMs(text) !== undefined) return text
  throw new InvalidArgumentError("It must be a length of time in words: '30 seconds'.")
}

function inWords(
  { drains, units, rowsChanged, refreshed, failed, isComplete, left }: DrainedOnce,
  style: Style,
) {
  return [
    `${counted(drains, 'drain')}, ${counted(units, 'unit')}, ${counted(rowsChanged, 'row')} changed`,
    ...(refreshed === 0 ? [] : [`${counted(refreshed, 'model')} refreshed`]),
    ...(failed === 0 ? [] : [style.error(`${counted(failed, 'unit')} set aside with an error`)]),
    ...(isComplete ? [] : [style.warning(`stopped by the limit, left: ${leftOf(left)}`)]),
  ].join(', ')
}

function leftOf(left: DrainedOnce['left']): string {
  return (
    left
      .map(
        ({ model, changes, units }) => `${model} ${counted(changes, 'change')} and ${counted(units, 'unit')}`,
      )
      .join(', ') || 'nothing'
  )
}
