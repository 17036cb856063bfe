import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { holdLive } from '../../src/load/live-connections.ts'
import { randomFrom } from '../../src/random.ts'

test('live connections count what they are told, and come back when they are lost', async () => {
  const streams: ServerResponse[] = []
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    streams.push(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const session = { token: 't', userId: '', username: 'ada', role: 'builder' }
  const live = holdLive(
    `http://127.0.0.1:${String(port)}`,
    Array.from({ length: 3 }, () => session),
    randomFrom(1),
  )
  await expect.poll(() => live.figures()).toEqual({ connections: 3, updates: 0, lost: 0 })
  for (const stream of streams) stream.write('id: 1\ndata: {"order":[]}\n\n: a comment\n\n')
  await expect.poll(() => live.figures().updates).toBe(3)
  live.measure()
  streams[0]?.end()
  await expect.poll(() => streams.length).toBe(4)
  await expect.poll(() => live.figures()).toEqual({ connections: 3, updates: 0, lost: 1 })
  await live.close()
  expect(live.figures()).toMatchObject({ connections: 0, lost: 1 })
  server.closeAllConnections()
  server.close()
})
