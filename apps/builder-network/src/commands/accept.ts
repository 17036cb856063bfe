import { accept } from '../accept/accept.ts'
import type { Tick } from '../accept/tick.ts'
import { withClient } from '../database.ts'
import type { Scale, Sizes } from '../sizes.ts'
import { newCommand, runStoppable } from './command.ts'
import { onServer } from './server.ts'
import { addSizeOptions, sizesOf } from './sizes-option.ts'

const command = newCommand('accept', "The plan's closing checklist, repaired, on a database of its own.")
  .option('--json', 'one JSON document on stdout, everything else on stderr')
  .addHelpText('after', '\nWithout DATABASE_URL it runs on a PostgreSQL of its own, under .millrace/accept.')
const { json, scale, ...given } = addSizeOptions(command, 'plan')
  .parse()
  .opts<{ readonly json?: true; readonly scale: Scale } & Partial<Sizes>>()

const NAME = 'builder_accept'

await runStoppable(async ({ signal, say }) => {
  const ticks = await onServer('accept', async (serverUrl) => {
    const url = new URL(serverUrl)
    url.pathname = `/${NAME}`
    return await withClient(serverUrl, async (client) => {
      await client.query(`drop database if exists ${NAME} with (force)`)
      await client.query(`create database ${NAME}`)
      try {
        return await accept({ url: url.href, sizes: sizesOf({ scale, ...given }), signal, say })
      } finally {
        await client.query(`drop database ${NAME} with (force)`)
      }
    })
  })
  const ok = ticks.every((it) => it.ok)
  process.stdout.write(json === true ? `${JSON.stringify({ ok, ticks })}\n` : `${tableOf(ticks)}\n`)
  return ok
})

/** A heading for each part, and a line for each of its ticks. */
function tableOf(ticks: readonly Tick[]): string {
  const width = Math.max(...ticks.map(({ what }) => what.length))
  const parts = [...new Set(ticks.map(({ part }) => part))]
  return parts
    .map((part) =>
      [part, ...ticks.filter((it) => it.part === part).map((it) => lineOf(it, width))].join('\n'),
    )
    .join('\n\n')
}

function lineOf({ ok, what, expected, found, ms }: Tick, width: number): string {
  const result = ok ? found : `${found}, and not ${expected}`
  return `  ${ok ? '✓' : '✗'} ${what.padEnd(width)}  ${result}${ms === null ? '' : `  ${String(ms)} ms`}`
}
