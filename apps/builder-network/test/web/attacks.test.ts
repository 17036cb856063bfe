import { expect, test } from 'vitest'
import { ACTIONS } from '../../src/web/actions/index.ts'
import { PAGES } from '../../src/web/pages/index.ts'
import { openCommunity } from './open-community.ts'
import { join, openWeb, visit, type Visitor } from './visitor.ts'

const community = openCommunity()

const PASSWORD = 'correct horse battery'

async function userOf(username: string): Promise<{ id: string; role: string; is_admin: boolean }> {
  const [found] = await community.ask<{ id: string; role: string; is_admin: boolean }>(
    'select id, role, is_admin from users where username = $1',
    [username],
  )
  if (found === undefined) throw new Error(`there is no ${username}`)
  return found
}

/** The session that a browser holds after an answer. */
function sessionIn(response: Response): string {
  const line = response.headers.getSetCookie().find((it) => it.startsWith('session='))
  return /^session=([^;]*)/.exec(line ?? '')?.[1] ?? ''
}

const pathOf = (path: string, id: string) => path.replaceAll(/:username/g, 'ada').replaceAll(/:\w+/g, id)

test('no action takes anything from another site: no form, no text, no JSON', async () => {
  const response = await visit(community.web).post('/sign-up', {
    username: 'ada',
    email: 'ada@example.org',
    password: PASSWORD,
  })
  const Cookie = `session=${sessionIn(response)}`
  const types = ['application/x-www-form-urlencoded', 'text/plain', 'application/json', undefined]
  const paths = ACTIONS.flatMap(({ path, api }) => [path, api])
  for (const path of [...paths, '/sign-in', '/sign-up', '/sign-out', '/api/sessions']) {
    for (const [i, type] of types.entries()) {
      const Origin = i % 2 === 0 ? 'http://elsewhere' : 'null'
      const answer = await community.web.app.request(`http://localhost${pathOf(path, crypto.randomUUID())}`, {
        method: 'POST',
        headers: { Cookie, Origin, ...(type !== undefined && { 'Content-Type': type }) },
        body: '{}',
      })
      expect([path, type, answer.status]).toEqual([path, type, 403])
    }
  }
})

test('a form has to say that it comes from here; programs, which say nothing, send JSON', async () => {
  const send = async (type: string, headers: Readonly<Record<string, string>>) => {
    const request = { method: 'POST', headers: { 'Content-Type': type, ...headers }, body: '{}' }
    return (await community.web.app.request('http://localhost/sign-out', request)).status
  }
  const form = 'application/x-www-form-urlencoded'
  expect(await send(form, {})).toBe(403)
  expect(await send(form, { Origin: 'http://localhost' })).toBe(303)
  expect(await send(form, { 'Sec-Fetch-Site': 'same-origin' })).toBe(303)
  expect(await send('application/json', {})).toBe(303)
  expect(await send('application/json', { Origin: 'http://elsewhere' })).toBe(403)
})

test('who signs in gets a new session: one that was slipped in is nobody’s, one from before has ended', async () => {
  await join(community.web, 'fay')
  const victim = visit(community.web, { session: 'chosen-by-somebody-else' })
  const first = await victim.post('/sign-in', { username: 'fay', password: PASSWORD })
  expect(sessionIn(first)).toMatch(/^[\w-]{43}$/)
  expect((await visit(community.web, { session: 'chosen-by-somebody-else' }).getJson('/api/me')).status).toBe(
    401,
  )

  const second = await victim.post('/sign-in', { username: 'fay', password: PASSWORD })
  expect((await visit(community.web, { session: sessionIn(first) }).getJson('/api/me')).status).toBe(401)
  expect((await visit(community.web, { session: sessionIn(second) }).getJson('/api/me')).status).toBe(200)
})

test('a changed password ends every other session, and the old one is of no use', async () => {
  const pat = await join(community.web, 'pat')
  const elsewhere = visit(community.web)
  await elsewhere.post('/sign-in', { username: 'pat', password: PASSWORD })
  expect((await elsewhere.getJson('/api/me')).status).toBe(200)
  const wrong = await pat.post('/me/password', { current: 'a guess', password: 'another horse battery' })
  expect(wrong.status).toBe(403)
  const changed = await pat.post('/me/password', { current: PASSWORD, password: 'another horse battery' })
  expect(changed.status).toBe(303)
  expect((await pat.getJson('/api/me')).status).toBe(200)
  expect((await elsewhere.getJson('/api/me')).status).toBe(401)
  expect((await visit(community.web).post('/sign-in', { username: 'pat', password: PASSWORD })).status).toBe(
    401,
  )
  const right = await visit(community.web).post('/sign-in', {
    username: 'pat',
    password: 'another horse battery',
  })
  expect(right.status).toBe(303)
})

test('forms lead to no other site', async () => {
  const gus = await join(community.web, 'gus')
  const [project] = await community.ask<{ id: string }>(
    'select id from projects where not is_deleted limit 1',
  )
  const elsewhere = [
    'https://elsewhere',
    '//elsewhere',
    '/\\elsewhere',
    '/\t/elsewhere',
    '/\n\\elsewhere',
    '/.//elsewhere',
    '/x/..//elsewhere',
    'javascript:alert(1)',
  ]
  for (const to of elsewhere) {
    const signed = await visit(community.web).post('/sign-in', { username: 'gus', password: PASSWORD, to })
    expect([to, signed.status, signed.headers.get('Location')]).toEqual([to, 303, '/'])
    const voted = await gus.post(`/projects/${project?.id ?? ''}/vote`, { back: to })
    expect([to, voted.status]).toEqual([to, 400])
    const card = await gus.get(`/projects/${project?.id ?? ''}/card?back=${encodeURIComponent(to)}`)
    expect([to, card.status]).toEqual([to, 400])
    await community.ask(
      `insert into notifications (user_id, type, message, link) values ($1, 'odd', 'odd', $2)`,
      [(await userOf('gus')).id, to],
    )
  }
  const news = await (await gus.get('/notifications')).text()
  expect([news.split('<p class="title">odd</p>').length - 1, news.includes('elsewhere')]).toEqual([
    elsewhere.length,
    false,
  ])
  const here = await visit(community.web).post('/sign-in', {
    username: 'gus',
    password: PASSWORD,
    to: '/search?q=é#x',
  })
  expect(here.headers.get('Location')).toBe('/search?q=%C3%A9#x')
})

const SCRIPT = `<script>alert('x')</script>"'><img src=x onerror=alert(1)>`

test('what people write is shown as they wrote it, and is never markup', async () => {
  const [mal, vic] = [
    await join(community.web, 'mal', 'investor'),
    await join(community.web, 'vic', 'validator'),
  ]
  const [m, v] = [await userOf('mal'), await userOf('vic')]
  const posted = await mal.postJson('/api/projects', {
    title: SCRIPT,
    description: SCRIPT,
    category: 'other',
  })
  const { id } = posted.body as { id: string }
  const sent = [
    await mal.post('/messages/vic', { message: SCRIPT }),
    await mal.post('/intros', { builder_id: v.id, project_id: '', message: SCRIPT }),
    await mal.post('/intros', { builder_id: v.id, message: SCRIPT }),
    await mal.post('/me/profile', { bio: SCRIPT, profile_image: 'javascript:alert(1)' }),
    await mal.post('/me/profile', { bio: SCRIPT }),
    await mal.post('/feedback', { message: SCRIPT }),
    await mal.post('/reports', { subject: 'project', subject_id: id, reason: SCRIPT }),
    await mal.post('/investors/apply', {
      company_name: SCRIPT,
      investment_focus: SCRIPT,
      ticket_size: SCRIPT,
    }),
    await mal.post(`/projects/${id}/comments`, { content: SCRIPT }),
  ]
  expect(sent.map((it) => it.status)).toEqual([303, 400, 303, 400, 303, 303, 303, 303, 303])
  // What no form lets in, in the database by another way.
  await community.ask(
    `update users set profile_image = 'javascript:alert(1)', is_admin = (username = 'vic') where id in ($1, $2)`,
    [m.id, v.id],
  )
  await community.ask(
    `update projects set proof_of_work_link = 'javascript:alert(1)', image_url = $2, category = $3 where id = $1`,
    [id, `x" onerror="alert(1)`, SCRIPT.slice(0, 90)],
  )
  await community.ask(
    `insert into notifications (user_id, type, message, link) values ($1, $2, $2, 'javascript:alert(1)')`,
    [v.id, SCRIPT],
  )

  let shown = 0
  for (const page of PAGES) {
    const path = page.path.replaceAll(':username', 'mal').replaceAll(/:\w+/g, id)
    for (const reader of [mal, vic]) {
      const response = await reader.get(path)
      const text = await response.text()
      expect([
        path,
        response.status < 500,
        text.includes('<script>alert'),
        text.includes('<img src=x'),
      ]).toEqual([path, true, false, false])
      expect([path, /(href|src|action)="javascript:/i.test(text), / onerror="/.test(text)]).toEqual([
        path,
        false,
        false,
      ])
      shown += text.split('&lt;script&gt;alert').length - 1
    }
  }
  expect(shown).toBeGreaterThan(8)
})

test('SQL in parameters is text like any other', async () => {
  const nil = await join(community.web, 'nil')
  const odd = [`'; drop table users; --`, `%' or 1=1`, '\\', '\u0000', '{}', '9'.repeat(30)]
  for (const { path, api } of PAGES) {
    for (const text of odd) {
      const named = api.replaceAll(/:\w+/g, encodeURIComponent(text))
      const query = `?q=${encodeURIComponent(text)}&category=${encodeURIComponent(text)}&after=${encodeURIComponent(text)}`
      const { status } = await nil.getJson(named + query)
      expect([path, text, status < 500]).toEqual([path, text, true])
    }
  }
  expect((await community.ask('select from users limit 1')).length).toBe(1)
})

test('what is too long, or no text of a database, is refused', async () => {
  const tom = await join(community.web, 'tom')
  await join(community.web, 'una')
  expect((await tom.post('/messages/una', { message: 'x'.repeat(5_001) })).status).toBe(400)
  expect((await tom.post('/messages/una', { message: '   ' })).status).toBe(400)
  expect((await tom.post('/messages/una', { message: 'x'.repeat(200_000) })).status).toBe(413)
  expect((await tom.post('/feedback', { message: 'x'.repeat(5_001) })).status).toBe(400)
  expect((await tom.post('/me/profile', { bio: 'x'.repeat(2_001) })).status).toBe(400)
  expect((await tom.post('/messages/una', { message: 'nul \u0000' })).status).toBe(400)
})

test('nobody reaches what is somebody else’s', async () => {
  const [amy, ben, cat] = [
    await join(community.web, 'amy', 'investor'),
    await join(community.web, 'ben'),
    await join(community.web, 'cat'),
  ]
  const [b] = [await userOf('ben')]
  await amy.post('/messages/ben', { message: 'between us' })
  await amy.post('/intros', { builder_id: b.id, message: 'only for ben' })
  const [intro] = await community.ask<{ id: string }>('select id from intro_requests where builder_id = $1', [
    b.id,
  ])
  const [news] = await community.ask<{ id: string }>('select id from notifications where user_id = $1', [
    b.id,
  ])

  for (const path of [
    '/messages',
    '/messages/amy',
    '/messages/ben',
    '/notifications',
    '/intros',
    '/intros?box=sent',
  ]) {
    const text = await (await cat.get(path)).text()
    expect([path, text.includes('between us'), text.includes('only for ben')]).toEqual([path, false, false])
  }
  expect((await cat.postJson('/api/messages/amy/read')).body).toMatchObject({ read: 0 })
  expect((await cat.postJson('/api/notifications/read', { id: news?.id })).body).toMatchObject({ read: 0 })
  expect((await cat.postJson(`/api/intros/${intro?.id ?? ''}/answer`, { answer: 'approved' })).status).toBe(
    404,
  )
  expect((await amy.postJson(`/api/intros/${intro?.id ?? ''}/answer`, { answer: 'approved' })).status).toBe(
    404,
  )
  expect((await ben.getJson('/api/unread')).body).toEqual({ unread_messages: 1, unread_notifications: 1 })

  const [session] = await community.ask<{ id: string }>(
    `select encode(token_hash, 'hex') as id from sessions where user_id = $1`,
    [b.id],
  )
  expect((await cat.post(`/me/sessions/${session?.id ?? ''}/end`)).status).toBe(404)
  expect((await ben.post(`/me/sessions/${session?.id ?? ''}/end`)).status).toBe(303)
  expect((await ben.getJson('/api/me')).status).toBe(401)
})

test('nobody gives themselves a role', async () => {
  const fields = {
    username: 'zed',
    email: 'zed@example.org',
    password: PASSWORD,
    role: 'admin',
    is_admin: 'true',
    isAdmin: 'true',
  }
  const zed = visit(community.web)
  expect((await zed.post('/sign-up', fields)).status).toBe(303)
  const role = { role: 'investor', is_admin: 'true', is_verified: 'true' }
  expect((await zed.post('/me/profile', { bio: 'hello', ...role })).status).toBe(303)
  expect(await userOf('zed')).toMatchObject({ role: 'builder', is_admin: false })
  const isForOthers = ({ access }: { readonly access: string }) =>
    !['everyone', 'signed-in', 'builder'].includes(access)
  const pages = PAGES.filter(isForOthers).map(({ api }) => zed.getJson(pathOf(api, crypto.randomUUID())))
  const actions = ACTIONS.filter(isForOthers).map(({ api }) => zed.postJson(pathOf(api, crypto.randomUUID())))
  const answers = await Promise.all([...pages, ...actions])
  expect(answers.length).toBeGreaterThan(8)
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403))
})

test('who asks too often waits, and each for themselves', async () => {
  const limited = openWeb(community.database.url('writer'), {
    limits: { reads: 1000, writes: 3, signIns: 3 },
  })
  try {
    const [hot, cool] = [await join(limited, 'hot'), await join(limited, 'cool')]
    const statuses = async (visitor: Visitor) => {
      const found: number[] = []
      for (let i = 0; i < 4; i += 1)
        found.push((await visitor.post('/feedback', { message: 'again' })).status)
      return found
    }
    expect(await statuses(hot)).toEqual([303, 303, 303, 429])
    expect((await cool.post('/feedback', { message: 'once' })).status).toBe(303)
    const guesses: number[] = []
    for (let i = 0; i < 4; i += 1) {
      guesses.push(
        (await visit(limited).post('/sign-in', { username: 'cool', password: `guess ${String(i)}` })).status,
      )
    }
    expect(guesses).toEqual([401, 401, 401, 429])
  } finally {
    await limited.close()
  }
})

test('every answer tells the browser what it may not do', async () => {
  const response = await visit(community.web).get('/sign-in')
  expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'self'")
  expect(response.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
  const signed = await visit(community.web).post('/sign-up', {
    username: 'hal',
    email: 'hal@example.org',
    password: PASSWORD,
  })
  const cookie = signed.headers.getSetCookie().find((it) => it.startsWith('session=')) ?? ''
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
})

const LISTED = ACTIONS.filter(({ access }) => access !== 'everyone')

test('a stranger does nothing', async () => {
  expect(LISTED.length).toBe(ACTIONS.length)
  for (const { api } of LISTED) {
    const { status } = await visit(community.web).postJson(pathOf(api, crypto.randomUUID()))
    expect([api, status]).toEqual([api, 401])
  }
})
