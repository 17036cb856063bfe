import { expect, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { LIMITS } from './doctor.ts'
import { server } from './checks/server.ts'
import type { ServerWishes } from '../migrate/server/server.ts'

test('server: extensions and settings that are wanted and not there, each with what mends it', async () => {
  const client = await (await createTestDatabase()).connect('superuser')
  const look = (wishes?: ServerWishes) =>
    server({
      client,
      models: [],
      declared: [],
      schedule: { refreshed: [], jobs: [] },
      searchPath: undefined,
      workerRole: undefined,
      limits: LIMITS,
      wishes,
    })
  expect(await look()).toEqual([])
  expect(await look({ extensions: ['plpgsql'], settings: { block_size: '8192' } })).toEqual([])
  expect(
    await look({ extensions: ['pg_trgm'], settings: { work_mem: '77MB', max_connections: '12345' } }),
  ).toMatchObject([
    { severity: 'warning', object: 'extension pg_trgm', remedy: [{ command: 'millrace migrate up' }] },
    { severity: 'warning', object: 'setting work_mem', remedy: [{ command: 'millrace migrate up' }] },
    {
      severity: 'warning',
      object: 'setting max_connections',
      message: 'the configuration wants 12345: it takes a superuser, and a restart of the server',
      remedy: [{ sql: `alter system set "max_connections" = '12345'` }],
    },
  ])
  expect(await look({ extensions: ['nowhere'], settings: {} })).toMatchObject([
    { severity: 'error', message: expect.stringContaining('nowhere') as string },
  ])
})
