import { InvalidArgumentError } from 'commander'
import { listen } from '../web/serve.ts'
import { createWeb } from '../web/app.ts'
import { newCommand, runTask } from './command.ts'
import { wholeNumber } from './whole-number.ts'

const command = newCommand('serve', 'The pages and the API, for people; Ctrl-C stops it.')
  .option('--port <n>', 'the port; 0: a free one', wholeNumber(0, 65_535), 4460)
  .option('--public-url <url>', 'how people reach it, where a proxy that speaks TLS stands before it', origin)
  .parse()

await runTask(async ({ databaseUrl, signal, say }) => {
  const { port, publicUrl } = command.opts<{ port: number; publicUrl?: string }>()
  const web = createWeb({
    databaseUrl,
    liveUrl: databaseUrl,
    publicUrl,
    onError: (error) => {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    },
  })
  const served = await listen(web.app, port)
  say(`the builder network is at ${served.url}`)
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve)
  })
  await served.close()
  await web.close()
  return true
})

function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && ['http:', 'https:'].includes(url.protocol) && url.href === `${url.origin}/`)
    return url.origin
  throw new InvalidArgumentError('It must be an address without a path, as https://builders.example.')
}
