import { fileURLToPath } from 'node:url'
import { drainOnce, verifyModels } from 'millrace'
import { expect, test } from 'vitest'
import type { Connection } from '../../../src/pg/client.ts'
import { readModels, type InstalledModel } from '../../../src/work/model.ts'
import { startMillrace, type Child } from '../../../test/support/child.ts'
import type { TestDatabase } from '../../../test/support/database.ts'
import { PATIENCE_MS } from '../../../test/support/patience.ts'
import { SEED } from '../../../test/support/seed.ts'
import { randomFrom } from '../src/random.ts'
import { createCommunity } from './community.ts'
import { wrongCounters } from './counters.sql.ts'
import { expectByHand, LEADERBOARDS, MODELS } from './expect-by-hand.ts'
import { writeUntil } from './writers.ts'

// The whole application at once: eight people who write, as its users do, and a worker that is killed again and again. Whenever somebody
// looks, each strict read is what its query says in that snapshot, and the counters of the dashboard are, too; and when all is over, every
// read model, leaderboard and view is. Seen to fail with the capture of updates of `comments`, and that of deletions of `upvotes`, disabled.

/** How often somebody looks; the worker is killed at about every third look. MILLRACE_APP_LOOKS=150 takes some ten minutes. */
const LOOKS = Number(process.env['MILLRACE_APP_LOOKS'] ?? 6)
const PEOPLE = 8

const APP = fileURLToPath(new URL('../', import.meta.url))

function startWorker(database: TestDatabase): Child {
  return startMillrace(['work'], { cwd: APP, env: { DATABASE_URL: database.url('worker') } })
}

/** The strict reads that are not what their queries say, in one snapshot. */
async function wrongStrictReads(
  reader: Connection,
  models: readonly InstalledModel[],
): Promise<readonly string[]> {
  await reader.query('begin isolation level repeatable read')
  try {
    const wrong: string[] = []
    for (const { name, plan } of models) {
      const columns = await reader.query<{ name: string }>(
        `select quote_ident(attname) as name from pg_attribute where attrelid = '${name}_strict'::regclass and attnum > 0`,
      )
      const listed = columns.map((it) => it.name).join(', ')
      const rows = (from: string) => `select to_jsonb(r)::text from (select ${listed} from ${from}) as r`
      const strict = rows(`${name}_strict`)
      const query = rows(`(${plan.query}) as q`)
      const found = await reader.query(
        `((${strict}) except all (${query})) union all ((${query}) except all (${strict})) limit 1`,
      )
      if (found.length > 0) wrong.push(name)
    }
    const counters = await reader.query<{ model: string }>(wrongCounters(''))
    return [...wrong, ...counters.map(({ model }) => `${model}, not strict`)]
  } finally {
    await reader.query('rollback')
  }
}

test(
  `eight people write, and the worker is killed: strict reads are exact at every look, and all is when it is drained (seed ${String(SEED)})`,
  async () => {
    const database = await createCommunity({ seed: SEED })
    const reader = await database.connect('writer')
    const models = await readModels(await database.connect('owner'))
    const random = randomFrom(SEED)
    const end = new AbortController()
    const writing = writeUntil(end.signal, {
      url: database.url('writer'),
      people: PEOPLE,
      seed: SEED,
      pauseMs: 2,
    })

    let worker = startWorker(database)
    let killed = 0
    try {
      for (let look = 0; look < LOOKS; look += 1) {
        await reader.query('select pg_sleep($1)', [random.next()])
        expect(await wrongStrictReads(reader, models), `look ${String(look)}`).toEqual([])
        if (look !== 1 && random.below(3) > 0) continue
        worker.kill()
        await worker.ended
        killed += 1
        worker = startWorker(database)
      }
    } finally {
      end.abort()
      worker.kill()
      await worker.ended
    }
    const { writes, errors } = await writing
    expect(errors).toEqual([])
    expect([killed > 0, writes > 20 * LOOKS], `${String(killed)} kills, ${String(writes)} writes`).toEqual([
      true,
      true,
    ])

    await drainOnce({ database: database.url('worker') })
    await expectByHand(database, { ...MODELS, ...LEADERBOARDS })
    await expectByHand(database, MODELS, '_strict')
    const verified = await verifyModels({ database: database.url('worker') })
    expect(
      verified.flatMap(({ model, drift, queued }) => (drift.length + queued > 0 ? [model] : [])),
    ).toEqual([])
    if (LOOKS >= 50)
      process.stdout.write(`${String(LOOKS)} looks, ${String(killed)} kills, ${String(writes)} writes\n`)
  },
  PATIENCE_MS + 20_000 * LOOKS,
)
