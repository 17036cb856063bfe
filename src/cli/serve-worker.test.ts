import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { startWorker } from '../embed/start-worker.ts'
import { address, serveWorker } from './serve-worker.ts'

test('a port, or a host and a port', () => {
  expect(address('9464')).toEqual({ host: '127.0.0.1', port: 9464 })
  expect(address('0.0.0.0:80')).toEqual({ host: '0.0.0.0', port: 80 })
  expect(address('[::1]:80')).toEqual({ host: '::1', port: 80 })
  for (const wrong of ['', 'localhost', '99999', '-1', '80:']) expect(() => address(wrong), wrong).toThrow()
})

test('a worker without an application serves its health and its metrics; a port that is taken ends it', async () => {
  const database = await createTestDatabase('create table items (id int primary key)')
  await installModels(await database.connect('owner'), [
    { name: 'all_items', key: 'id', query: 'select id from items' },
  ])
  const url = database.url('worker')
  const worker = startWorker({ database: url })
  const served = await serveWorker(worker, url, { host: '127.0.0.1', port: 0 })
  onTestFinished(served.close)
  await expect
    .poll(async () => (await fetch(`${served.url}/health`)).json())
    .toEqual({ status: 'ok', reasons: [] })
  expect(await (await fetch(`${served.url}/metrics`)).text()).toContain('\nmillrace_worker_up 1\n')

  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => {
    other.close()
  })
  const { port } = other.address() as AddressInfo
  await expect(serveWorker(worker, url, { host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  await worker.done
})
