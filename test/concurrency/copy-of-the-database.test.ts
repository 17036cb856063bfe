import { expect, inject, test } from 'vitest'
import { connect, withConnection, type Client } from '../../src/pg/client.ts'
import { verify } from '../../src/verify/verify.ts'
import { drainOnce } from '../../src/work/drain.ts'
import { rebuild } from '../../src/work/rebuild.ts'
import { compareStored, compareStrict } from '../oracle/compare.ts'
import type { Role } from '../support/roles.ts'
import { createStage, type Stage } from './stage.ts'

/** Everything is copied as by dump and restore: rows of queues, watermarks and all. The sessions must have ended. */
async function inCopy(
  stage: Stage,
  use: (open: (role: Role) => Promise<Client>) => Promise<void>,
): Promise<void> {
  const copy = `${stage.database.name}_copy`
  await withConnection({ url: inject('serverUrl') }, async (server) => {
    await server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${stage.database.name}'`,
    )
    await server.query(`create database ${copy} template ${stage.database.name}`)
    try {
      await use(async (role) => {
        const url = new URL(stage.database.url(role))
        url.pathname = `/${copy}`
        return await connect({ url: url.href })
      })
    } finally {
      await server.query(`drop database ${copy} with (force)`)
    }
  })
}

test('strict reads do not believe the other cluster, workers refuse it, verify names it, a rebuild mends it', async () => {
  const stage = await createStage()
  const model = stage.model('feed')
  const writer = await stage.session()
  await writer.query('insert into votes values (4, 2, true)')
  await stage.settle()
  await writer.query(`update projects set title = 'queued over there' where id = 1`)

  await inCopy(stage, async (open) => {
    const [owner, worker, here] = [await open('owner'), await open('worker'), await open('writer')]
    expect(await compareStored(owner, model.plan)).not.toEqual([])
    expect(await compareStrict(owner, model.plan)).toEqual([])
    await here.query(`update users set name = 'here' where id = 3`)
    expect(await compareStrict(owner, model.plan)).toEqual([])
    // Whatever the counters of transactions say: the watermark names another database.
    await owner.query(
      `update millrace.watermark set snapshot = '9000000000:9000000000:', horizon = '9000000000'`,
    )
    expect(await compareStrict(owner, model.plan)).toEqual([])

    await expect(drainOnce(worker, model.plan)).rejects.toMatchObject({
      code: 'WATERMARK_OF_ANOTHER_CLUSTER',
    })
    const [verified] = await verify(owner, [model])
    expect(verified?.causes.join()).toContain('come from another database')

    await rebuild(owner, model)
    expect(await compareStored(owner, model.plan)).toEqual([])
    await here.query('delete from votes where project_id = 3')
    expect(await compareStrict(owner, model.plan)).toEqual([])
    expect(await drainOnce(worker, model.plan)).toMatchObject({ status: 'drained' })
    expect(await compareStored(owner, model.plan)).toEqual([])
  })
})
