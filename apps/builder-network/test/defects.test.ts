import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../../src/pg/client.ts'
import { drainAll } from '../../../src/work/drain-all.ts'
import { readModels, type InstalledModel } from '../../../src/work/model.ts'
import type { TestDatabase } from '../../../test/support/database.ts'
import { withClient } from '../src/database.ts'
import { createCommunity } from './community.ts'
import { APPLICATION_CODE } from './defects/application-code.ts'
import { ADA, BOB, PEOPLE, type Defect, type Stage } from './defects/defect.ts'
import { MEANING } from './defects/meaning.ts'
import { OPERATIONS } from './defects/operations.ts'
import { BEGIN, END, LOOSENED } from './defects/planned.sql.ts'
import { REAL_TIME } from './defects/real-time.ts'
import { REFRESH_MECHANISM } from './defects/refresh-mechanism.ts'
import { UNSEEN_EVENTS } from './defects/unseen-events.ts'

// Each case is played twice: on what the plan has, where it goes wrong, and on what stands here, where it does not.

const DEFECTS: readonly Defect[] = [
  ...REFRESH_MECHANISM,
  ...UNSEEN_EVENTS,
  ...MEANING,
  ...APPLICATION_CODE,
  ...REAL_TIME,
  ...OPERATIONS,
]

let planned: TestDatabase
let ours: TestDatabase
let worker: Connection
let models: readonly InstalledModel[]
beforeAll(async () => {
  planned = await createCommunity({ withModels: false })
  await superuser(planned, LOOSENED)
  ours = await createCommunity()
  worker = await ours.connect('worker')
  models = await readModels(worker)
})

const open: pg.Client[] = []
afterEach(async () => {
  for (const client of open.splice(0)) await client.end()
})

async function superuser(database: TestDatabase, sql: string): Promise<void> {
  await withClient(database.url('superuser'), (client) => client.query(sql))
}

function stageOf(database: TestDatabase, isPlanned: boolean): Stage {
  return {
    isPlanned,
    models: () => models,
    url: (role) => database.url(role),
    session: async (role = isPlanned ? 'superuser' : 'writer') => {
      const client = new pg.Client({ connectionString: database.url(role) })
      client.on('error', () => undefined)
      await client.connect()
      open.push(client)
      if (isPlanned) await client.query('set search_path = planned, public')
      await client.query(`set statement_timeout = '30s'`)
      return client
    },
    drain: async () => (isPlanned ? { units: 0 } : await drainAll(worker, models)),
  }
}

async function playOn(database: TestDatabase, defect: Defect, isPlanned: boolean): Promise<unknown> {
  if (isPlanned) await superuser(database, `${BEGIN}; set search_path = public; ${defect.planned}`)
  await superuser(database, PEOPLE)
  try {
    return await defect.play(stageOf(database, isPlanned))
  } finally {
    for (const client of open.splice(0)) await client.end()
    if (isPlanned) await superuser(database, END)
    await superuser(database, `delete from users where id in (${ADA}, ${BOB})`)
  }
}

test.each(DEFECTS.map((it) => [it.id, it.what, it] as const))('%s: %s', async (_id, _what, defect) => {
  expect(await playOn(planned, defect, true), 'as planned').toEqual(defect.asPlanned)
  expect(await playOn(ours, defect, false), 'ours').toEqual(defect.ours)
})

test('docs/defects.md has each of the 49, and says where its test is', async () => {
  const page = await readFile(new URL('../docs/defects.md', import.meta.url), 'utf8')
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| B'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  expect(rows.map(([, id]) => id)).toEqual(Array.from({ length: 49 }, (_, i) => `B${String(i + 1)}`))
  const files: Readonly<Record<string, readonly Defect[]>> = {
    'refresh-mechanism': REFRESH_MECHANISM,
    'unseen-events': UNSEEN_EVENTS,
    meaning: MEANING,
    'application-code': APPLICATION_CODE,
    'real-time': REAL_TIME,
    operations: OPERATIONS,
  }
  const wrong = rows.filter(
    ([, id, , , file]) => files[file?.replace('defects/', '') ?? '']?.every((it) => it.id !== id) ?? true,
  )
  expect(wrong).toEqual([])
})
