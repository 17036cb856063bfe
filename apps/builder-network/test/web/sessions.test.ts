import { expect, test } from 'vitest'
import { withClient } from '../../src/database.ts'
import { tellChangedUser } from '../../src/web/sessions/changed-users.ts'
import { deviceOf } from '../../src/web/sessions/device.ts'
import { openSessions, startSession } from '../../src/web/sessions/sessions.ts'
import { openStore } from '../../src/web/store.ts'
import { openCommunity } from './open-community.ts'
import { join, openWeb, visit } from './visitor.ts'

const community = openCommunity()

const MOZILLA = 'Mozilla/5.0'
const LIKE_CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0'
const APPLE = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'

test.for([
  [`${MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0`, 'Firefox on Linux'],
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${LIKE_CHROME} Safari/537.36`, 'Chrome on Windows'],
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${LIKE_CHROME} Safari/537.36 Edg/142.0.0.0`, 'Edge on Windows'],
  [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) ${APPLE} Version/26.0 Safari/605.1.15`, 'Safari on macOS'],
  [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) ${LIKE_CHROME} Safari/537.36 OPR/124.0`, 'Opera on macOS'],
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${APPLE} Version/26.0 Mobile/15E148 Safari/604.1`,
    'Safari on iPhone',
  ],
  [
    `${MOZILLA} (iPad; CPU OS 18_6 like Mac OS X) ${APPLE} CriOS/142.0.7444.148 Mobile/15E148 Safari/604.1`,
    'Chrome on iPad',
  ],
  [`${MOZILLA} (Linux; Android 10; K) ${LIKE_CHROME} Mobile Safari/537.36`, 'Chrome on Android'],
  [`${MOZILLA} (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0`, 'Firefox on Android'],
  [`${MOZILLA} (X11; CrOS x86_64 14541.0.0) ${LIKE_CHROME} Safari/537.36`, 'Chrome on ChromeOS'],
  [
    `${MOZILLA} (X11; Linux x86_64) ${LIKE_CHROME.replace('Chrome', 'HeadlessChrome')} Safari/537.36`,
    'Chrome on Linux',
  ],
  [`${MOZILLA} (X11; Linux x86_64)`, 'Linux'],
  ['curl/8.14.1', null],
  ['', null],
  [undefined, null],
] as const)('%s is %s', ([userAgent, device]) => {
  expect(deviceOf(userAgent)).toBe(device)
})

const PASSWORD = 'correct horse battery'
const FIREFOX = { 'User-Agent': `${MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0` }

interface Settings {
  readonly sessions: readonly {
    readonly id: string
    readonly device: string | null
    readonly is_this: boolean
    readonly last_used_at: string
  }[]
}

test('the settings list the sessions by their devices, and end each of them', async () => {
  const ann = await join(community.web, 'ann')
  const elsewhere = visit(community.web, {}, FIREFOX)
  await elsewhere.post('/sign-in', { username: 'ann', password: PASSWORD })
  const sessionsOf = async (visitor: typeof ann) =>
    ((await visitor.getJson('/api/me/settings')).body as Settings).sessions

  expect(await sessionsOf(ann)).toMatchObject([
    { device: null, is_this: true },
    { device: 'Firefox on Linux', is_this: false },
  ])
  expect(await sessionsOf(elsewhere)).toMatchObject([{ device: 'Firefox on Linux', is_this: true }, {}])
  expect(await (await ann.get('/me/settings')).text()).toContain('Firefox on Linux')

  const changed = { current: PASSWORD, password: 'another horse battery' }
  expect((await elsewhere.post('/me/password', changed)).status).toBe(303)
  expect((await ann.getJson('/api/me/settings')).status).toBe(401)
  expect(await sessionsOf(elsewhere)).toMatchObject([{ device: 'Firefox on Linux', is_this: true }])

  await ann.post('/sign-in', { username: 'ann', password: 'another horse battery' })
  const [, other] = await sessionsOf(ann)
  expect((await ann.post(`/me/sessions/${other?.id ?? ''}/end`)).status).toBe(303)
  expect((await elsewhere.getJson('/api/me')).status).toBe(401)
  expect(await sessionsOf(ann)).toHaveLength(1)
})

test('a session says when it was used last, and is not written at each use', async () => {
  const cleo = visit(community.web)
  const fields = { username: 'cleo', email: 'cleo@example.org', password: PASSWORD }
  const [, token = ''] =
    /session=([^;]+)/.exec((await cleo.post('/sign-up', fields)).headers.get('Set-Cookie') ?? '') ?? []
  const usedAt = async (before: string) => {
    await withClient(community.database.url('application'), async (client) => {
      await client.query(
        `update sessions set last_used_at = (now() at time zone 'utc') - $1::interval
         where user_id = (select id from users where username = 'cleo')`,
        [before],
      )
    })
    // Another process, which remembers nobody.
    const other = openWeb(community.database.url('writer'))
    try {
      const { body } = await visit(other, { session: token }).getJson('/api/me/settings')
      return Date.now() - Date.parse((body as Settings).sessions[0]?.last_used_at ?? '')
    } finally {
      await other.close()
    }
  }
  const [minute, hour] = [60_000, 3_600_000]
  expect(await usedAt('2 hours')).toBeLessThan(hour)
  expect(await usedAt('4 minutes')).toBeGreaterThan(3 * minute)
})

test('who is signed out, or changed, by one process is looked up again by the others, at once', async () => {
  const url = community.database.url('writer')
  const [here, elsewhere] = [openStore(url, 2), openStore(url, 2)]
  const forEver = { rememberedMs: 1e9, unheardMs: 1e9 }
  const [ours, theirs] = [openSessions(here.pool, url, forEver), openSessions(elsewhere.pool, url, forEver)]
  try {
    await join(community.web, 'dora')
    const userId = await idOf('dora')
    const token = await here.transaction((client) => startSession(client, { userId, device: null }))
    await expect.poll(() => theirs.isHearing()).toBe(true)
    expect(await theirs.find(token)).toMatchObject({ username: 'dora', isAdmin: false })

    await here.transaction(async (client) => {
      await client.query('update users set is_admin = true where id = $1', [userId])
      expect(await theirs.find(token)).toMatchObject({ isAdmin: false })
      await tellChangedUser(client, userId)
    })
    await expect.poll(async () => (await theirs.find(token))?.isAdmin).toBe(true)

    await ours.end(token)
    await expect.poll(() => theirs.find(token)).toBeNull()
  } finally {
    for (const it of [ours, theirs]) await it.close()
    for (const it of [here, elsewhere]) await it.close()
  }
})

test('a process whose connection breaks off looks everybody up again, and hears again', async () => {
  const url = community.database.url('writer')
  const store = openStore(url, 2)
  const sessions = openSessions(store.pool, url, { rememberedMs: 1e9, unheardMs: 1e9 })
  try {
    await join(community.web, 'emil')
    const userId = await idOf('emil')
    const token = await store.transaction((client) => startSession(client, { userId, device: null }))
    await expect.poll(() => sessions.isHearing()).toBe(true)
    expect(await sessions.find(token)).not.toBeNull()
    await community.ask('delete from sessions where user_id = $1', [userId])
    expect(await sessions.find(token)).not.toBeNull()
    await community.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'builder network sessions' and datname = current_database()`,
    )
    await expect.poll(() => sessions.find(token)).toBeNull()
    await expect.poll(() => sessions.isHearing()).toBe(true)
  } finally {
    await sessions.close()
    await store.close()
  }
})

async function idOf(username: string): Promise<string> {
  const [found] = await community.ask<{ id: string }>('select id from users where username = $1', [username])
  return found?.id ?? ''
}
