import { expect, test } from 'vitest'
import { openCommunity } from './open-community.ts'
import { join, openWeb, visit } from './visitor.ts'

const community = openCommunity()

interface FeedPage {
  readonly projects: readonly {
    readonly id: string
    readonly upvote_count: number
    readonly user_has_upvoted: boolean
  }[]
  readonly next: string | null
}

test('who votes sees it on the next page', async () => {
  const ada = await join(community.web, 'ada')
  const before = (await ada.getJson('/api/feed')).body as FeedPage
  const [first] = before.projects
  const voted = await ada.post(`/projects/${first?.id ?? ''}/vote`, { back: '/' })
  expect([voted.status, voted.headers.get('Location')]).toEqual([303, '/'])

  const text = await (await ada.get('/')).text()
  expect(text).toContain('Take the vote back')
  const after = (await ada.getJson('/api/feed')).body as FeedPage
  const same = after.projects.find(({ id }) => id === first?.id)
  expect(same).toMatchObject({ upvote_count: (first?.upvote_count ?? 0) + 1, user_has_upvoted: true })
})

test('pages by keyset show every project once', async () => {
  const visitor = visit(community.web)
  const seen: string[] = []
  let next: string | null = null
  do {
    const cursor = next === null ? '' : `&after=${encodeURIComponent(next)}`
    const { body } = await visitor.getJson(`/api/feed?sort=newest${cursor}`)
    const page = body as FeedPage
    expect(page.projects.length).toBeLessThanOrEqual(10)
    seen.push(...page.projects.map(({ id }) => id))
    next = page.next
  } while (next !== null)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBeGreaterThan(20)
})

test('a stranger is sent to sign in, a form of another site is refused', async () => {
  const stranger = visit(community.web)
  const { status } = await stranger.postJson(`/api/projects/${crypto.randomUUID()}/vote`)
  expect(status).toBe(401)
  const forged = await community.web.app.request('http://localhost/sign-out', {
    method: 'POST',
    headers: { Origin: 'http://elsewhere', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'a=b',
  })
  expect(forged.status).toBe(403)
})

test('behind a proxy cookies are for TLS only, forms come from the public address, and limits are of each visitor', async () => {
  const limits = { reads: 2, writes: 1, signIns: 2 }
  const proxied = openWeb(community.database.url('writer'), { publicUrl: 'https://builders.example', limits })
  const send = async (
    path: string,
    address: string,
    form?: Record<string, string>,
    origin = 'https://builders.example',
  ) =>
    await proxied.app.request(`http://localhost${path}`, {
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        'X-Forwarded-For': `9.9.9.9, ${address}`,
        Origin: origin,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
  const form = { username: 'grace', email: 'grace@example.org', password: 'correct horse battery' }
  expect((await send('/sign-up', '1.1.1.1', form, 'http://localhost')).status).toBe(403)
  const joined = await send('/sign-up', '1.1.1.1', form)
  expect(joined.headers.getSetCookie().join()).toContain('; Secure')

  const statuses = []
  for (const address of ['1.1.1.1', '1.1.1.1', '1.1.1.1', '2.2.2.2'])
    statuses.push((await send('/sign-in', address)).status)
  expect(statuses).toEqual([200, 200, 429, 200])
  await proxied.close()
})
