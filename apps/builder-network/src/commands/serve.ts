import { once } from 'node:events'
import { InvalidArgumentError } from 'commander'
import { withClient } from '../database.ts'
import { requireReadModels } from '../read-models.ts'
import { listen } from '../web/serve.ts'
import { createWeb } from '../web/app.ts'
import { newCommand, runTask } from './command.ts'
import { wholeNumber } from './whole-number.ts'

const command = newCommand('serve', 'The pages and the API, for people; Ctrl-C stops it.')
  .option('--port <n>', 'the port; 0: a free one', wholeNumber(0, 65_535), 4460)
  .option('--timing', 'say in each answer what it has asked of the database, for browsers’ developer tools')
  .option('--public-url <url>', 'how people reach it, where a proxy that speaks TLS stands before it', origin)
  .parse()

await runTask(async ({ databaseUrl, signal, say }) => {
  const { port, timing, publicUrl } = command.opts<{ port: number; timing?: true; publicUrl?: string }>()
  await withClient(databaseUrl, requireReadModels)
  const web = createWeb({
    databaseUrl,
    liveUrl: databaseUrl,
    publicUrl,
    tellsTiming: timing === true,
    onError: (error) => {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    },
  })
  try {
    const served = await listen(web.app, port)
    say(`the builder network is at ${served.url}`)
    if (!signal.aborted) await once(signal, 'abort')
    await served.close()
  } finally {
    await web.close()
  }
  return true
})

function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && ['http:', 'https:'].includes(url.protocol) && url.href === `${url.origin}/`)
    return url.origin
  throw new InvalidArgumentError('It must be an address without a path, as https://builders.example.')
}
