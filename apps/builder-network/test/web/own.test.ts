import { expect, test } from 'vitest'
import { openCommunity } from './open-community.ts'
import { join, visit, type Visitor } from './visitor.ts'

const community = openCommunity()

async function idOf(username: string): Promise<string> {
  const [found] = await community.ask<{ id: string }>('select id from users where username = $1', [username])
  return found?.id ?? ''
}

async function read<Data>(visitor: Visitor, path: string): Promise<Data> {
  const { status, body } = await visitor.getJson(path)
  expect([path, status]).toEqual([path, 200])
  return body as Data
}

interface Inbox {
  readonly conversations: readonly {
    readonly other_username: string
    readonly unread_count: number
    readonly is_own: boolean
    readonly last_message_text: string
  }[]
}
interface Talk {
  readonly messages: readonly {
    readonly message: string
    readonly is_own: boolean
    readonly is_read: boolean
  }[]
  readonly next: string | null
  readonly previous: string | null
}

test('a message is in both inboxes and counted as unread at once, until it is read', async () => {
  const [mia, noa] = [await join(community.web, 'mia'), await join(community.web, 'noa')]
  expect((await mia.post('/messages/NOA', { message: 'hello <b>noa</b>' })).status).toBe(303)

  const [own] = (await read<Inbox>(mia, '/api/messages')).conversations
  expect(own).toMatchObject({ other_username: 'noa', is_own: true, unread_count: 0 })
  const [theirs] = (await read<Inbox>(noa, '/api/messages')).conversations
  expect(theirs).toMatchObject({ other_username: 'mia', is_own: false, unread_count: 1 })
  expect(await read(noa, '/api/unread')).toEqual({ unread_messages: 1, unread_notifications: 0 })

  const page = await (await noa.get('/messages/mia')).text()
  expect(page).toContain('hello &lt;b&gt;noa&lt;/b&gt;')
  expect(page).toContain('Mark as read')
  const marked = await noa.post('/messages/mia/read', { back: '/unread' })
  expect(marked.headers.get('Location')).toBe('/unread')
  expect(await read(noa, '/api/unread')).toEqual({ unread_messages: 0, unread_notifications: 0 })
  expect((await read<Talk>(mia, '/api/messages/noa')).messages).toMatchObject([
    { is_own: true, is_read: true },
  ])
  expect(await (await mia.get('/messages/noa')).text()).toContain('seen')
})

test('a long conversation is shown whole, twenty at a time, forwards and back', async () => {
  const [una, vic] = [await join(community.web, 'una'), await join(community.web, 'vic')]
  const said = Array.from({ length: 45 }, (_, i) => `word ${String(i)}`)
  for (const [i, message] of said.entries()) {
    const [from, to] = i % 2 === 0 ? [una, 'vic'] : [vic, 'una']
    await from.postJson(`/api/messages/${to}`, { message })
  }
  const pages: Talk[] = []
  for (let next: string | null = ''; next !== null; next = pages.at(-1)?.next ?? null) {
    const query = next === '' ? '' : `?after=${next}`
    pages.push(await read<Talk>(una, `/api/messages/vic${query}`))
  }
  expect(pages.map((it) => it.messages.length)).toEqual([20, 20, 5])
  expect(pages.flatMap((it) => it.messages.map(({ message }) => message))).toEqual(said.toReversed())
  const back = await read<Talk>(una, `/api/messages/vic?before=${pages[2]?.previous ?? ''}`)
  expect(back).toEqual(pages[1])
  expect((await una.getJson('/api/messages/vic?after=nonsense')).status).toBe(400)
})

test('the dashboard is one statement and one row, and right at once', async () => {
  const [kim, lou] = [await join(community.web, 'kim'), await join(community.web, 'lou')]
  await lou.post('/messages/kim', { message: 'hello' })
  const response = await kim.get('/api/me')
  expect(response.headers.get('Server-Timing')).toContain('1 statements, 1 rows')
  expect(await response.json()).toMatchObject({ unread_messages: 1, project_count: 0, karma_score: 0 })
  expect(await (await kim.get('/me')).text()).toContain('Show your first project')
})

test('everybody who has data sees on each page what the base tables say', async () => {
  const [busy] = await community.ask<{ id: string; username: string }>(
    `select u.id, u.username from users u join direct_messages m on m.recipient_id = u.id
     where u.is_active group by u.id order by count(*) desc, u.id limit 1`,
  )
  const id = busy?.id ?? ''
  const session = await signedIn(id)
  const counts = await community.ask<Record<string, number>>(
    `select (select count(*) from direct_messages where recipient_id = $1 and not is_read)::int as unread_messages,
            (select count(*) from notifications where user_id = $1 and not is_read)::int as unread_notifications,
            (select count(*) from projects where user_id = $1)::int as project_count,
            (select count(*) from intro_requests where builder_id = $1 and status = 'pending')::int as intro_requests_pending`,
    [id],
  )
  expect(await read(session, '/api/me')).toMatchObject(counts[0] ?? {})

  const shown: string[] = []
  for (let next: string | null = ''; next !== null;) {
    const query: string = next === '' ? '' : `?after=${next}`
    const page = await read<{ notifications: { id: string }[]; next: string | null }>(
      session,
      `/api/notifications${query}`,
    )
    shown.push(...page.notifications.map((it) => it.id))
    next = page.next
  }
  const all = await community.ask<{ id: string }>(
    'select id from notifications where user_id = $1 order by created_at desc, id desc',
    [id],
  )
  expect(shown).toEqual(all.map((it) => it.id))

  const { conversations } = await read<Inbox>(session, '/api/messages')
  const expected = await community.ask<{ other_username: string; unread_count: number }>(
    `select u.username as other_username, max(m.created_at) as at,
            count(*) filter (where m.recipient_id = $1 and not m.is_read)::int as unread_count
     from direct_messages m
     join users u on u.id = case when m.sender_id = $1 then m.recipient_id else m.sender_id end
     where $1 in (m.sender_id, m.recipient_id)
     group by u.username order by at desc, u.username limit 20`,
    [id],
  )
  expect(conversations.map(({ other_username, unread_count }) => ({ other_username, unread_count }))).toEqual(
    expected.map(({ other_username, unread_count }) => ({ other_username, unread_count })),
  )
  for (const path of ['/me', '/me/projects', '/messages', '/notifications', '/intros', '/intros?box=sent']) {
    expect([path, (await session.get(path)).status]).toEqual([path, 200])
  }
})

/** A session of somebody who has no password. */
async function signedIn(userId: string): Promise<Visitor> {
  const token = `token-of-${userId}`
  await community.ask(
    `insert into sessions (token_hash, user_id, expires_at) values (sha256($1), $2, now() at time zone 'utc' + interval '1 hour')`,
    [Buffer.from(token), userId],
  )
  return visit(community.web, { session: token })
}

test('an introduction is asked for by an investor, answered by the builder, and told to both', async () => {
  const [ivy, bob] = [await join(community.web, 'ivy', 'investor'), await join(community.web, 'bob')]
  const builder_id = await idOf('bob')
  expect((await ivy.post('/intros', { builder_id, message: 'let us meet' })).status).toBe(303)
  expect((await ivy.post('/intros', { builder_id })).status).toBe(409)
  expect(await read(bob, '/api/unread')).toMatchObject({ unread_notifications: 1 })

  interface Intros {
    readonly pending_requests: number
    readonly approved_requests: number
    readonly intros: readonly { readonly id: string; readonly username: string; readonly status: string }[]
  }
  const asked = await read<Intros>(bob, '/api/intros')
  expect(asked).toMatchObject({ pending_requests: 1, intros: [{ username: 'ivy', status: 'pending' }] })
  const id = asked.intros[0]?.id ?? ''
  expect((await bob.post(`/intros/${id}/answer`, { answer: 'approved' })).status).toBe(303)
  expect((await bob.post(`/intros/${id}/answer`, { answer: 'rejected' })).status).toBe(404)
  expect(await read<Intros>(bob, '/api/intros')).toMatchObject({ pending_requests: 0, approved_requests: 1 })
  expect(await read<Intros>(ivy, '/api/intros?box=sent')).toMatchObject({
    intros: [{ username: 'bob', status: 'approved' }],
  })
  const told = await (await ivy.get('/notifications')).text()
  expect(told).toContain('bob has accepted your introduction')
  expect((await ivy.post('/notifications/read')).status).toBe(303)
  expect(await read(ivy, '/api/unread')).toMatchObject({ unread_notifications: 0 })
})

test('of many who are told something, each piece is marked as read by itself', async () => {
  const [rea, sid] = [await join(community.web, 'rea'), await join(community.web, 'sid')]
  const posted = await rea.postJson('/api/projects', { title: 'Lamp' })
  const { id } = posted.body as { readonly id: string }
  for (const content of ['one', 'two']) await sid.postJson(`/api/projects/${id}/comments`, { content })
  const mine = async () =>
    (await read<{ notifications: { id: string; is_read: boolean }[] }>(rea, '/api/notifications'))
      .notifications
  const [newest] = await mine()
  const page = await (await rea.get('/notifications')).text()
  expect(page.match(/aria-label="Mark as read: a comment on Lamp"/g)).toHaveLength(2)
  const marked = await rea.post('/notifications/read', {
    id: newest?.id ?? '',
    back: '/notifications?after=x',
  })
  expect([marked.status, marked.headers.get('Location')]).toEqual([303, '/notifications?after=x'])
  expect((await mine()).map((it) => it.is_read)).toEqual([true, false])
  expect(await read(rea, '/api/unread')).toMatchObject({ unread_notifications: 1 })
  expect((await (await rea.get('/notifications')).text()).match(/Mark as read:/g)).toHaveLength(1)
})

test('investors ask for an introduction where they meet a builder: on the profile and on a project, once', async () => {
  const [ida, jon] = [await join(community.web, 'ida', 'investor'), await join(community.web, 'jon')]
  const posted = await jon.postJson('/api/projects', { title: 'Tide mill' })
  const { id: project_id } = posted.body as { readonly id: string }
  const builder_id = await idOf('jon')
  const places = [`/projects/${project_id}`, '/users/jon']
  const formsFor = async (visitor: Visitor) =>
    await Promise.all(
      places.map(async (path) => (await (await visitor.get(path)).text()).includes('action="/intros"')),
    )
  await expect.poll(async () => await formsFor(ida)).toEqual([true, true])
  for (const other of [jon, await join(community.web, 'kay'), visit(community.web)]) {
    expect(await formsFor(other)).toEqual([false, false])
  }
  expect((await (await join(community.web, 'leo')).post('/intros', { builder_id })).status).toBe(403)
  expect((await ida.post('/intros', { builder_id, message: 'x'.repeat(2001) })).status).toBe(400)

  const twice = [1, 2].map(async () => await ida.post('/intros', { builder_id, project_id, message: 'tea?' }))
  expect((await Promise.all(twice)).map(({ status }) => status).toSorted()).toEqual([303, 409])
  expect(await formsFor(ida)).toEqual([false, false])
  for (const path of places) expect(await (await ida.get(path)).text()).toContain('not answered yet')
  expect(await read(jon, '/api/intros')).toMatchObject({
    intros: [{ username: 'ida', project_title: 'Tide mill', message: 'tea?' }],
  })
})

test('who is listed as an investor keeps the role of before, and has what investors have besides', async () => {
  const [bao, vera] = [await join(community.web, 'bao'), await join(community.web, 'vera', 'validator')]
  await join(community.web, 'boss')
  await community.ask(`update users set is_admin = true where username = 'boss'`)
  const boss = await signedIn(await idOf('boss'))
  const posted = await bao.postJson('/api/projects', { title: 'Kiln' })
  for (const visitor of [bao, vera, boss]) await visitor.post('/investors/apply', { company_name: 'We' })
  expect([(await bao.get('/investor')).status, (await vera.get('/investor')).status]).toEqual([403, 403])

  const waiting = await community.ask<{ id: string }>(
    `select r.id from investor_requests r join users u on u.id = r.user_id where u.username in ('bao', 'vera', 'boss')`,
  )
  for (const { id } of waiting) {
    expect((await boss.post(`/admin/investors/${id}/answer`, { answer: 'approved' })).status).toBe(303)
  }
  for (const visitor of [bao, vera, boss]) expect((await visitor.get('/investor')).status).toBe(200)
  expect((await vera.get('/validator')).status).toBe(200)
  expect((await boss.get('/admin')).status).toBe(200)
  const { projects } = await read<{ projects: unknown[] }>(bao, '/api/me/projects')
  expect(projects).toMatchObject([{ id: (posted.body as { readonly id: string }).id }])
  const roles = `select username, role from users where username in ('bao', 'vera') order by 1`
  expect(await community.ask(roles)).toEqual([
    { username: 'bao', role: 'builder' },
    { username: 'vera', role: 'validator' },
  ])
  const menu = await (await vera.get('/me')).text()
  expect([menu.includes('href="/investor"'), menu.includes('href="/validator"')]).toEqual([true, true])
  expect(menu).toContain('vera · validator and listed investor')
  await expect
    .poll(async () => await (await bao.get('/users/vera')).text())
    .toContain('validator and listed investor')
})

test('administrators list investors, close reports and feedback, and deactivate', async () => {
  const [admin, eve] = [await join(community.web, 'root'), await join(community.web, 'eve')]
  await community.ask(`update users set is_admin = true where username = 'root'`)
  await eve.post('/investors/apply', { company_name: 'Eve partners', portfolio_url: '' })
  expect((await eve.post('/investors/apply', { company_name: 'again' })).status).toBe(409)
  await eve.post('/feedback', { message: 'more light' })
  await community.ask(
    `insert into reports (reporter_id, subject, subject_id, reason) select user_id, 'project', id, 'spam' from projects limit 1`,
  )
  await community.ask(
    `update investor_requests set status = 'rejected' where status = 'pending' and user_id <> $1`,
    [await idOf('eve')],
  )

  interface Admin {
    readonly investor_requests: readonly { readonly id: string; readonly username: string }[]
    readonly reports: readonly { readonly id: string }[]
    readonly feedback: readonly { readonly id: string }[]
  }
  const before = await read<Admin>(admin, '/api/admin')
  expect(before.investor_requests).toMatchObject([{ username: 'eve' }])
  const paths = [
    `/admin/investors/${before.investor_requests[0]?.id ?? ''}/answer`,
    `/admin/reports/${before.reports[0]?.id ?? ''}/close`,
    `/admin/feedback/${before.feedback[0]?.id ?? ''}/close`,
    `/admin/users/${await idOf('eve')}/deactivate`,
  ]
  for (const path of paths) {
    const asEve = await eve.post(path, { answer: 'approved' })
    expect([path, asEve.status]).toEqual([path, 403])
  }
  for (const path of paths.slice(0, 3)) {
    expect([path, (await admin.post(path, { answer: 'approved' })).status]).toEqual([path, 303])
    expect([path, (await admin.post(path, { answer: 'approved' })).status]).toEqual([path, 404])
  }
  const after = await read<Admin>(admin, '/api/admin')
  expect(after.investor_requests).toEqual([])
  expect(after.reports.map(({ id }) => id)).not.toContain(before.reports[0]?.id)
  expect(after.feedback.map(({ id }) => id)).not.toContain(before.feedback[0]?.id)

  expect((await eve.get('/investor')).status).toBe(200)
  expect((await admin.post(paths[3] ?? '')).status).toBe(303)
  expect((await eve.get('/me')).headers.get('Location')).toBe('/sign-in?to=%2Fme')
  const again = await visit(community.web).post('/sign-in', {
    username: 'eve',
    password: 'correct horse battery',
  })
  expect(again.status).toBe(401)
})

test('the health of the read models is for administrators, at the plan’s address', async () => {
  const health = '/admin/denormalization-health'
  const stranger = await visit(community.web).getJson(health)
  expect([stranger.status, stranger.body]).toMatchObject([401, { error: 'Unauthorized' }])
  const builder = await (await join(community.web, 'nosy')).getJson(health)
  expect([builder.status, builder.body]).toMatchObject([403, { error: 'Forbidden', message: 'Admin only' }])

  await join(community.web, 'chief')
  await community.ask(`update users set is_admin = true where username = 'chief'`)
  const admin = await signedIn(await idOf('chief'))
  const { status, body } = await admin.getJson(health)
  expect([status, body]).toMatchObject([
    200,
    { message: 'Denormalization health check', data: { materialized_views: { mv_feed_projects: {} } } },
  ])
  expect(await (await admin.get('/admin/health')).text()).toContain('mv_investors_directory')
})

test('a validator sees what waits, an investor what came of it', async () => {
  const [val, inv] = [
    await join(community.web, 'val', 'validator'),
    await join(community.web, 'inv', 'investor'),
  ]
  const awaiting = await read<{ awaiting: readonly { id: string }[]; next: string | null }>(
    val,
    '/api/validator',
  )
  const expected = await community.ask<{ id: string }>(
    `select id from projects p where not is_deleted and not exists (select from validation_badges b where b.project_id = p.id)
     order by created_at, id limit 20`,
  )
  expect(awaiting.awaiting.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
  expect(await (await inv.get('/investor')).text()).toContain('Apply to be listed')
  expect((await val.get('/investor')).status).toBe(403)
  expect((await inv.get('/validator')).status).toBe(403)
})
