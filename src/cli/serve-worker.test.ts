import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { startWorker } from '../embed/start-worker.ts'
import { address, listenForWorker } from './serve-worker.ts'

test('a port, or a host and a port', () => {
  expect(address('9464')).toEqual({ host: '127.0.0.1', port: 9464 })
  expect(address('0.0.0.0:80')).toEqual({ host: '0.0.0.0', port: 80 })
  expect(address('[::1]:80')).toEqual({ host: '::1', port: 80 })
  for (const wrong of ['', 'localhost', '99999', '-1', '80:']) expect(() => address(wrong), wrong).toThrow()
})

test('a worker without an application serves its health and its metrics', async () => {
  const database = await createTestDatabase('create table items (id int primary key)')
  await installModels(await database.connect('owner'), [
    { name: 'all_items', key: 'id', query: 'select id from items' },
  ])
  const url = database.url('worker')
  const server = await listenForWorker({ host: '127.0.0.1', port: 0 })
  onTestFinished(server.close)
  const worker = startWorker({ database: url })
  server.serve(worker, url)
  await expect
    .poll(async () => (await fetch(`${server.url}/health`)).json())
    .toEqual({ status: 'ok', reasons: [] })
  expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('\nmillrace_worker_up 1\n')
  await worker.stop()
})

test('a port that is in use', async () => {
  const { url, close } = await listenForWorker({ host: '127.0.0.1', port: 0 })
  onTestFinished(close)
  const port = Number(new URL(url).port)
  await expect(listenForWorker({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'CANNOT_LISTEN',
    detail: `127.0.0.1:${String(port)}: it is in use`,
    hint: expect.stringContaining('another port') as unknown,
  })
})
