import { expect, test } from 'vitest'
import { openCommunity } from './open-community.ts'
import { join, visit, type Visitor } from './visitor.ts'

const community = openCommunity()

async function made(visitor: Visitor, path: string, body: object): Promise<string> {
  const answer = await visitor.postJson(`/api${path}`, body)
  expect(answer).toMatchObject({ status: 200 })
  return (answer.body as { readonly id: string }).id
}

test('a chain is followed, filled and written in; its creator keeps a post on top and takes projects out', async () => {
  const [ada, ben] = [await join(community.web, 'ada'), await join(community.web, 'ben')]
  const chain = await made(ada, '/chains', { name: 'Clocks', category: 'hardware' })
  const project = await made(ben, '/projects', { title: 'Tide clock' })
  const add = async (who: Visitor) =>
    (await who.postJson(`/api/chains/${chain}/projects`, { project })).status
  expect(await add(ben)).toBe(404)
  await ben.postJson(`/api/chains/${chain}/follow`)
  expect([await add(ben), await add(ada)]).toEqual([200, 409])

  const forum = `/chains/${chain}/forum`
  const post = await made(ben, forum, { title: 'Hello', content: 'I am new.', is_pinned: true })
  const comment = await made(ada, `${forum}/${post}/comments`, { content: 'Welcome.' })
  await ben.postJson(`/api${forum}/${post}/comments`, { content: 'Thank you.', parent: comment })
  await ada.postJson(`/api${forum}/${post}/vote`)
  expect((await ada.getJson(`/api${forum}/${post}`)).body).toMatchObject({
    post: { is_pinned: false, user_has_upvoted: true },
    comments: [{ content: 'Welcome.', answers: [{ content: 'Thank you.', depth: 1 }] }],
  })
  expect((await ben.getJson(`/api/chains/${chain}`)).body).toMatchObject({
    chain: { follower_count: 1, project_count: 1, post_count: 1, user_is_following: true },
    projects: [{ id: project }],
    posts: [{ id: post }],
  })

  await ada.postJson(`/api/chains/${chain}/projects/${project}/back`)
  await ben.postJson(`/api/chains/${chain}/follow/back`)
  expect((await ben.getJson(`/api/chains/${chain}`)).body).toMatchObject({
    chain: { follower_count: 0, project_count: 0, user_is_following: false },
    projects: [],
  })
})

test('a private chain is there for those who belong to it, and for nobody else', async () => {
  const [cleo, dan] = [await join(community.web, 'cleo'), await join(community.web, 'dan')]
  const chain = await made(cleo, '/chains', { name: 'Hidden', is_private: true })
  const forum = `/api/chains/${chain}/forum`
  const post = await made(cleo, `/chains/${chain}/forum`, { title: 'Note', content: 'To myself.' })
  for (const path of [`/api/chains/${chain}`, forum, `${forum}/${post}`]) {
    expect((await cleo.getJson(path)).status).toBe(200)
    expect((await dan.getJson(path)).status).toBe(404)
    expect((await visit(community.web).getJson(path)).status).toBe(404)
  }
  const refused = [
    [`/api/chains/${chain}/follow`, {}],
    [forum, { title: 'Hey', content: 'Let me in.' }],
    [`${forum}/${post}/vote`, {}],
    [`${forum}/${post}/comments`, { content: 'I see you.' }],
  ] as const
  for (const [path, body] of refused) expect((await dan.postJson(path, body)).status).toBe(404)
  expect(JSON.stringify((await dan.getJson('/api/search?q=Hidden')).body)).not.toContain(chain)
})
