// The process that reads while the writers are measured: `startReaders` makes it.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { SCENARIOS } from '../scenarios/all.ts'
import { SUBJECTS } from '../subjects/all.ts'
import type { Read, Reading } from './readers.ts'

/** Readers rest between reads: they are there to be measured, not to take the machine from the writers. */
const REST_MS = 10

const { url, readers, relation, ...names } = JSON.parse(process.argv[2] ?? '') as Reading
const subject = named(SUBJECTS, names.subject)
const scenario = named(SCENARIOS, names.scenario)

const stop = new AbortController()
const clients = await Promise.all(Array.from({ length: readers }, connectReader))
const reading = Promise.all(clients.map(readUntilStopped))
process.send?.('started')
// The second comes if whoever started it has ended.
await Promise.race([once(process, 'message'), once(process, 'disconnect')])
stop.abort()
const reads = (await reading).flat()
await Promise.all(clients.map((client) => client.end()))
if (process.connected) {
  process.send?.(reads, () => {
    process.disconnect()
  })
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((it) => it.name === name)
  if (found === undefined) throw new Error(`nothing is called ${name}`)
  return found
}

async function connectReader(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'millrace bench reader' })
  await client.connect()
  return client
}

async function readUntilStopped(client: pg.Client): Promise<readonly Read[]> {
  const done: Read[] = []
  while (!stop.signal.aborted) {
    const begun = performance.now()
    await client.query(subject.read(relation, scenario.keyOf(subject.keys, Math.random)))
    done.push({ at: Date.now(), ms: performance.now() - begun })
    await sleep(REST_MS)
  }
  return done
}
