// The process that drains while the writers are measured: `startWorker` makes it.
import { work } from '../../src/work/loop.ts'

const [url] = process.argv.slice(2)
if (url === undefined) throw new Error('the worker needs the URL of a database')

const stop = new AbortController()
// Whoever started it has ended, or asks it to.
process.on('disconnect', () => {
  stop.abort()
})

await work({
  url,
  signal: stop.signal,
  onEvent(event) {
    if (event.kind === 'started') process.send?.('started')
    if (event.kind === 'failed' || event.kind === 'disconnected') console.error(event.error)
  },
})
