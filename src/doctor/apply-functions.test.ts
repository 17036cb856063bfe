import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { readModels } from '../work/model.ts'
import { CHECKS, examine, LIMITS } from './doctor.ts'

const MODELS = [
  { name: 'latest', key: 'room', query: 'select room, max(id) as id from messages group by room' },
].map((it) => ({ ...it, freshness: 'immediate' as const }))

async function prepare() {
  const database = await createTestDatabase('create table messages (id int primary key, room int not null)')
  const [owner, superuser, writer] = await Promise.all([
    database.connect('owner'),
    database.connect('superuser'),
    database.connect('writer'),
  ])
  await installModels(owner, MODELS)
  const look = async () => {
    const models = await readModels(superuser)
    const { 'apply-functions': check } = CHECKS
    if (check === undefined) throw new Error('no such check')
    const examination = {
      client: superuser,
      models,
      declared: [],
      schedule: { refreshed: [], jobs: [] },
      searchPath: undefined,
      workerRole: undefined,
      limits: LIMITS,
    }
    return await examine(examination, { 'apply-functions': check })
  }
  const mend = async () => {
    for (const { remedy } of await look())
      for (const step of remedy) if (step.kind === 'sql') await owner.query(step.sql)
  }
  return { superuser, writer, look, mend }
}

test('nothing is found where writers have all that they need', async () => {
  const { look } = await prepare()
  expect(await look()).toEqual([])
})

test('the trigger of at_commit is disabled', async () => {
  const { superuser, writer, look, mend } = await prepare()
  await superuser.query('alter table millrace.at_commit disable trigger apply_own_changes')
  expect(await look()).toMatchObject([{ severity: 'error', object: 'millrace.at_commit' }])
  await mend()
  expect(await look()).toEqual([])
  await writer.query('insert into messages values (1, 7)')
  expect(await superuser.query('select * from latest')).toEqual([{ room: 7, id: 1 }])
})

test('the function of a model is missing', async () => {
  const { superuser, writer, look, mend } = await prepare()
  await superuser.query('drop function millrace.apply_latest_v1(bigint[])')
  expect(await look()).toMatchObject([{ severity: 'error', object: 'public.latest' }])
  await expect(writer.query('insert into messages values (1, 7)')).rejects.toThrow('apply_latest_v1')
  await mend()
  expect(await look()).toEqual([])
  await writer.query('insert into messages values (1, 7)')
  expect(await superuser.query('select * from latest')).toEqual([{ room: 7, id: 1 }])
})
