import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, expect, inject, test } from 'vitest'
import { withConnection } from '../pg/client.ts'
import type { MillraceError } from '../errors.ts'
import { knownError } from './known-error.ts'

const servers: Server[] = []
afterAll(() => {
  servers.forEach((server) => server.close())
})

test('nothing listens', async () => {
  const error = await failure('postgresql://me:secret@localhost:1/x')
  expect(error).toMatchObject({
    code: 'DATABASE_UNREACHABLE',
    detail: expect.stringContaining('localhost:1/x') as unknown,
  })
})

test('an unknown host', async () => {
  expect((await failure('postgresql://me:secret@nowhere.invalid/x')).code).toBe('DATABASE_UNREACHABLE')
})

test('a wrong password', async () => {
  expect((await failure(changed({ password: 'wrong' }))).code).toBe('DATABASE_LOGIN_FAILED')
})

test('no password', async () => {
  expect((await failure(changed({ password: '' }))).code).toBe('DATABASE_LOGIN_FAILED')
})

test('an unknown user', async () => {
  expect((await failure(changed({ username: 'nobody_knows' }))).code).toBe('DATABASE_LOGIN_FAILED')
})

test('an unknown database', async () => {
  expect((await failure(changed({ pathname: '/nowhere' }))).code).toBe('DATABASE_UNKNOWN')
})

test('a server that hangs up', async () => {
  const port = await listen((socket) => socket.destroy())
  expect((await failure(`postgresql://me:secret@127.0.0.1:${String(port)}/x`)).code).toBe('CONNECTION_LOST')
})

test('a missing right, a cancelled statement, anything else', async () => {
  expect((await failure(changed({}), `set role none; select pg_read_file('/nope')`)).code).toBe(
    'DATABASE_ERROR',
  )
  expect((await failure(changed({}), `set statement_timeout = 1; select pg_sleep(10)`)).code).toBe(
    'STATEMENT_TIMED_OUT',
  )
  const denied = `create role no_rights; set role no_rights; select * from pg_authid`
  expect((await failure(changed({}), `begin; ${denied}`)).code).toBe('PRIVILEGE_MISSING')
})

test('a port that is in use', async () => {
  const port = await listen(() => undefined)
  const second = createServer().listen(port, '127.0.0.1')
  const [error] = (await once(second, 'error')) as [Error]
  expect(knownError(error, 'postgresql://localhost/x')).toMatchObject({
    code: 'CANNOT_LISTEN',
    detail: `127.0.0.1:${String(port)}: it is in use`,
  })
})

test('a mistake of ours says so', () => {
  expect(knownError(new TypeError('x is undefined')).code).toBe('INTERNAL_ERROR')
  expect(knownError('text').code).toBe('INTERNAL_ERROR')
})

test('an abort is no mistake', () => {
  const controller = new AbortController()
  controller.abort()
  expect(knownError(controller.signal.reason).code).toBe('INTERRUPTED')
})

async function failure(url: string, statement = 'select 1'): Promise<MillraceError> {
  try {
    await withConnection({ url }, (client) => client.query(statement))
  } catch (error) {
    const known = knownError(error, url)
    expect(`${known.message} ${known.hint ?? ''}`).not.toMatch(/secret|wrong/)
    expect(known.code === 'DATABASE_ERROR' || known.hint !== undefined).toBe(true)
    return known
  }
  throw new Error('it worked')
}

function changed(parts: Partial<Pick<URL, 'password' | 'username' | 'pathname'>>): string {
  return Object.assign(new URL(inject('serverUrl')), parts).href
}

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
