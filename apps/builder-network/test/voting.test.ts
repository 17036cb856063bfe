import { FRESH_HEADER, TOKEN_HEADER, tokensAfter, tokensIn } from 'millrace'
import { expect, test } from 'vitest'
import { withClient } from '../src/database.ts'
import { project } from '../src/rows/ids.ts'
import { serveCommunity } from './serve-community.ts'

interface Shown {
  readonly top: readonly { readonly id: string; readonly upvotes: number }[]
}

/** A visitor: whoever remembers tokens as the documentation says. */
class Visitor {
  readonly #url: string
  #tokens: readonly string[] = []

  constructor(url: string) {
    this.#url = url
  }

  async send(path: string, method = 'GET'): Promise<Response> {
    const sent = this.#tokens
    const headers = sent.length === 0 ? {} : { [TOKEN_HEADER]: sent.join(', ') }
    const response = await fetch(new URL(path, this.#url), { method, headers })
    this.#tokens = tokensAfter(this.#tokens, sent, response)
    return response
  }

  /** Asks again where the page came at the limit: a busy machine may take longer than visitors are made to wait. */
  async upvotesOf(id: string): Promise<number | undefined> {
    for (;;) {
      const response = await this.send('status.json')
      const { top } = (await response.json()) as Shown
      if (response.headers.get(FRESH_HEADER) !== 'false') return top.find((it) => it.id === id)?.upvotes
    }
  }
}

test('a visitor who votes sees the vote on the page that comes next, every time', async () => {
  const { url, database } = await serveCommunity({ works: true })
  const visitor = new Visitor(url)
  const { top } = (await (await visitor.send('status.json')).json()) as Shown
  const id = top[0]?.id ?? ''
  const left = await withClient(database.url('writer'), async (client) => {
    const { rows } = await client.query<{ left: number }>(
      `select count(*)::int as left from users u
       where not exists (select from upvotes v where v.user_id = u.id and v.project_id = $1)`,
      [id],
    )
    return rows[0]?.left ?? 0
  })
  expect(left).toBeGreaterThan(5)

  let upvotes = await visitor.upvotesOf(id)
  for (let i = 0; i < Math.min(left, 10); i += 1) {
    expect((await visitor.send(`projects/${id}/votes`, 'POST')).status).toBe(204)
    const before: number = upvotes ?? NaN
    upvotes = await visitor.upvotesOf(id)
    expect(upvotes).toBe(before + 1)
  }
})

test('with no worker the page comes at the limit, and says that it may not be fresh', async () => {
  const { url } = await serveCommunity({ works: false })
  const voted = await fetch(new URL(`projects/${project(1)}/votes`, url), { method: 'POST' })
  const [token = ''] = tokensIn(voted.headers)
  const read = await fetch(new URL('status.json', url), { headers: { [TOKEN_HEADER]: token } })
  expect([read.status, read.headers.get(FRESH_HEADER)]).toEqual([200, 'false'])
  expect(await read.json()).toHaveProperty('top')

  const unknown = await fetch(new URL('status.json', url), { headers: { [TOKEN_HEADER]: '1/1:700' } })
  expect(unknown.headers.get(FRESH_HEADER)).toBe('unknown')
})

test('a vote for what is not there is refused, and has no token', async () => {
  const { url } = await serveCommunity({ works: false })
  const path = `projects/00000000-0000-4000-8000-000000000000/votes`
  const response = await fetch(new URL(path, url), { method: 'POST' })
  expect([response.status, response.headers.has(TOKEN_HEADER)]).toEqual([409, false])
})
