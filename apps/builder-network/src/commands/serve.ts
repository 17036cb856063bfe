import { Option } from 'commander'
import { listen } from '../web/serve.ts'
import { createWeb } from '../web/app.ts'
import { newCommand, runTask } from './command.ts'

const command = newCommand('serve', 'The pages and the API, for people; Ctrl-C stops it.')
  .addOption(new Option('--port <n>', 'the port').default(4460).argParser(Number))
  .option('--public-url <url>', 'how people reach it, where a proxy that speaks TLS stands before it')
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
