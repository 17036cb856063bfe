import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../../test/support/database.ts'
import { installModels } from '../../test/support/models.ts'
import { createHandler, type Handler } from './handler.ts'
import { toFastifyPlugin, toNodeListener } from './node.ts'

let database: string
beforeAll(async () => {
  const made = await createTestDatabase(
    'create table items (id int primary key); insert into items values (1)',
  )
  await installModels(await made.connect('owner'), [
    { name: 'all_items', key: 'id', query: 'select id from items' },
  ])
  database = made.url('worker')
})

type Mount = (handler: Handler) => Promise<string>

/** Each framework, with the handler under /millrace, on a port of this machine. */
const MOUNTS: Readonly<Record<string, Mount>> = {
  'node:http': (handler) => {
    const listen = toNodeListener(handler.fetch)
    return listening(createServer((incoming, outgoing) => void listen(incoming, outgoing)))
  },
  Express: (handler) => {
    const app = express()
    app.use('/millrace', toNodeListener(handler.fetch))
    return listening(createServer(app))
  },
  Fastify: async (handler) => {
    const app = fastify({ forceCloseConnections: true })
    await app.register(toFastifyPlugin(handler.fetch), { prefix: '/millrace' })
    onTestFinished(() => app.close())
    return await app.listen({ port: 0, host: '127.0.0.1' })
  },
  Hono: (handler) => {
    const app = new Hono()
    app.all('/millrace/*', ({ req }) => handler.fetch(req.raw))
    const listen = getRequestListener(app.fetch)
    return listening(createServer((incoming, outgoing) => void listen(incoming, outgoing)))
  },
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

test.each(Object.entries(MOUNTS))(
  '%s serves health, metrics and live changes, and forgets who has gone',
  async (_, mount) => {
    const handler = createHandler({ database }, { live: { models: ['all_items'], authorize: () => true } })
    onTestFinished(() => handler.close())
    const url = `${await mount(handler)}/millrace`
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    expect((await fetch(`${url}/health/ready`, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(`${url}/nothing`)).status).toBe(404)

    const gone = new AbortController()
    const stream = await fetch(`${url}/changes/all_items?keys=[1]`, { signal: gone.signal })
    expect(stream.headers.get('Content-Type')).toContain('text/event-stream')
    expect(await textUntil(stream, '"row":{"id":1}')).toContain('id: ')
    const metrics = async () => (await (await fetch(`${url}/metrics`)).text()).split('\n')
    expect(await metrics()).toContain('millrace_live_subscriptions 1')
    gone.abort()
    await expect.poll(metrics).toContain('millrace_live_subscriptions 0')
  },
)

async function textUntil({ body }: Response, end: string): Promise<string> {
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (!text.includes(end)) text += new TextDecoder().decode((await reader.read()).value)
  return text
}

// Next itself is not installed for it: a route handler is a function that is given a Request and returns a Response.
test('a route handler of Next is the function itself', async () => {
  const handler = createHandler({ database })
  const route: { GET: (request: Request) => Promise<Response> } = { GET: handler.fetch }
  const { GET } = route
  const response = await GET(new Request('https://shop.example/api/millrace/health/ready'))
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok', reasons: [] }])
})
