import { expect, test } from 'vitest'
import { openCommunity } from './open-community.ts'
import { join, visit, type Visitor } from './visitor.ts'

const community = openCommunity()

interface ProjectPage {
  readonly project: {
    readonly title: string
    readonly proof_of_work_link: string | null
    readonly proof_score: number
    readonly badge_count: number
    readonly badges_json: readonly { readonly id: string }[]
    readonly user_has_upvoted: boolean
    readonly user_has_downvoted: boolean
  }
  readonly comments: readonly Comment[]
}

interface Comment {
  readonly id: string
  readonly content: string | null
  readonly answers: readonly {
    readonly id: string
    readonly parent_id: string
    readonly depth: number
    readonly content: string | null
  }[]
}

async function post(visitor: Visitor, path: string, body: object): Promise<string> {
  const answer = await visitor.postJson(path, body)
  expect(answer).toMatchObject({ status: 200 })
  return (answer.body as { readonly id: string }).id
}

async function pageOf(visitor: Visitor, id: string): Promise<ProjectPage> {
  return (await visitor.getJson(`/api/projects/${id}`)).body as ProjectPage
}

test('a project is posted, changed, hidden and shown again by its owner and by nobody else', async () => {
  const [ada, ben] = [await join(community.web, 'ada'), await join(community.web, 'ben')]
  const fields = { title: 'Tide clock', category: 'hardware', description: 'It tells the tide.' }
  const posted = await ada.post('/projects', { ...fields, proof_of_work_link: '', image_url: '' })
  const path = posted.headers.get('Location') ?? ''
  expect([posted.status, path]).toEqual([303, expect.stringMatching(/^\/projects\/[0-9a-f-]{36}$/)])
  expect(await (await ada.get(path)).text()).toContain('It tells the tide.')

  expect((await ben.get(`${path}/edit`)).status).toBe(404)
  expect((await ben.post(`${path}/edit`, { title: 'Mine now' })).status).toBe(404)
  expect((await ben.post(`${path}/delete`)).status).toBe(404)
  expect((await ada.post(`${path}/edit`, { ...fields, title: 'Tide clock II' })).status).toBe(303)
  expect(await (await ada.get(path)).text()).toContain('Tide clock II')

  expect((await ada.post(`${path}/delete`)).headers.get('Location')).toBe('/me/projects')
  expect((await ada.get(path)).status).toBe(404)
  expect((await ben.post(`${path}/restore`)).status).toBe(404)
  await ada.post(`${path}/restore`)
  expect((await ada.get(path)).status).toBe(200)
})

test('comments stand in threads; a deleted one that was answered stays without its words', async () => {
  const [cleo, dan] = [await join(community.web, 'cleo'), await join(community.web, 'dan')]
  const id = await post(cleo, '/api/projects', { title: 'Kiln' })
  const first = await post(dan, `/api/projects/${id}/comments`, { content: 'How hot?' })
  const answer = await post(cleo, `/api/projects/${id}/comments`, { content: 'Very.', parent: first })
  await post(dan, `/api/projects/${id}/comments`, { content: 'Oh.', parent: answer })
  await post(dan, `/api/projects/${id}/comments`, { content: 'Another thing.' })
  expect((await pageOf(dan, id)).comments).toMatchObject([
    { content: 'Another thing.', answers: [] },
    {
      content: 'How hot?',
      answers: [
        { content: 'Very.', depth: 1, parent_id: first },
        { content: 'Oh.', depth: 2, parent_id: answer },
      ],
    },
  ])
  expect((await cleo.post(`/comments/${first}/delete`)).status).toBe(404)
  expect((await dan.post(`/comments/${first}/delete`)).status).toBe(303)
  expect((await pageOf(dan, id)).comments[1]).toMatchObject({ id: first, content: null })
  expect(await (await dan.get(`/projects/${id}`)).text()).not.toContain('How hot?')

  const rows = await community.ask<{ username: string; message: string }>(
    `select u.username, n.message from notifications n join users u on u.id = n.user_id
     where n.link like $1 order by n.created_at`,
    [`/projects/${id}#%`],
  )
  expect(rows.map(({ username, message }) => [username, message])).toEqual([
    ['cleo', 'a comment on Kiln'],
    ['dan', 'an answer to you on Kiln'],
    ['cleo', 'an answer to you on Kiln'],
    ['cleo', 'a comment on Kiln'],
  ])
})

test('a badge is awarded by validators to what others have made, once, and raises the proof score', async () => {
  const eve = await join(community.web, 'eve')
  const vera = await join(community.web, 'vera', 'validator')
  const [id, own] = [
    await post(eve, '/api/projects', { title: 'Loom' }),
    await post(vera, '/api/projects', { title: 'Mine' }),
  ]
  const award = async (visitor: Visitor, project: string, badge_type = 'gold') =>
    (await visitor.postJson(`/api/projects/${project}/badges`, { badge_type })).status
  expect(await award(eve, id)).toBe(403)
  expect(await award(vera, own)).toBe(403)
  expect(await award(vera, id, 'wood')).toBe(400)
  expect([await award(vera, id), await award(vera, id)]).toEqual([200, 409])
  await pageOf(vera, id)
  const text = await (await vera.get(`/projects/${id}`)).text()
  expect(text).toContain('Take back')
  const { project } = await pageOf(vera, id)
  expect(project).toMatchObject({ proof_score: 5, badge_count: 1 })

  const badge = project.badges_json[0]?.id ?? ''
  expect((await eve.post(`/badges/${badge}/back`)).status).toBe(403)
  await vera.postJson(`/api/badges/${badge}/back`)
  expect((await pageOf(vera, id)).project).toMatchObject({ proof_score: 0, badge_count: 0 })
})

test('a vote goes up, down and away', async () => {
  const gus = await join(community.web, 'gus')
  const id = await post(gus, '/api/projects', { title: 'Sail' })
  const vote = async (path: string, fields = {}) => {
    await gus.postJson(`/api/projects/${id}/${path}`, fields)
    const { user_has_upvoted, user_has_downvoted } = (await pageOf(gus, id)).project
    return [user_has_upvoted, user_has_downvoted]
  }
  expect(await vote('vote')).toEqual([true, false])
  expect(await vote('vote', { up: false })).toEqual([false, true])
  expect(await vote('vote/back')).toEqual([false, false])
})

test('what is reported has to exist', async () => {
  const hana = await join(community.web, 'hana')
  const id = await post(hana, '/api/projects', { title: 'Oven' })
  const reason = 'It smokes.'
  const report = async (body: object) => (await hana.postJson('/api/reports', body)).status
  expect(await report({ subject: 'project', subject_id: id, reason })).toBe(200)
  expect(await report({ subject: 'project', subject_id: crypto.randomUUID(), reason })).toBe(404)
  expect(await report({ subject: 'moon', subject_id: id, reason })).toBe(400)
  expect(await report({ subject: 'project', subject_id: id, reason: ' ' })).toBe(400)
})

test('links of people lead to the web and nowhere else', async () => {
  const ivo = await join(community.web, 'ivo')
  const bad = { title: 'Trap', proof_of_work_link: 'javascript:alert(1)' }
  expect((await ivo.postJson('/api/projects', bad)).status).toBe(400)
  const id = await post(ivo, '/api/projects', { title: '<script>alert(1)</script>' })
  await community.ask(`update projects set proof_of_work_link = 'javascript:alert(1)' where id = $1`, [id])
  // What is committed after it waits for it.
  await ivo.postJson(`/api/projects/${id}/vote`)
  expect((await pageOf(ivo, id)).project.proof_of_work_link).toBe('javascript:alert(1)')
  const text = await (await ivo.get(`/projects/${id}`)).text()
  expect(text).toContain('&lt;script&gt;')
  expect(text).not.toContain('javascript:')
  expect(await (await visit(community.web).get(`/projects/${id}`)).text()).toContain('Sign in')
})
