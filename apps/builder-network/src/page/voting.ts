import type { Hono } from 'hono'
import { giveToken, takeToken } from 'millrace'
import type pg from 'pg'
import { withTransaction } from '../transaction.ts'

/** Somebody who has not voted for the project yet and is not about to leave. */
const VOTE = `
  insert into upvotes (user_id, project_id)
  select u.id, p.id
  from projects p
  cross join users u
  where p.id = $1
    and not exists (select from upvotes v where v.user_id = u.id and v.project_id = p.id)
  limit 1
  for key share of u skip locked
  on conflict do nothing`

/**
 * What a visitor can do: vote for a project. The response carries the token of the vote, and who sends that with the next
 * request for the feed finds his vote in it.
 */
export function addVoting(app: Hono, pool: pg.Pool): void {
  app.post('/projects/:id{[0-9a-f-]{36}}/votes', async (context) => {
    const { counted, token } = await vote(pool, context.req.param('id'))
    if (!counted) return context.json({ error: 'there is no such project, or nobody left to vote' }, 409)
    const response = context.body(null, 204)
    giveToken(response.headers, token)
    return response
  })
}

async function vote(pool: pg.Pool, project: string): Promise<{ counted: boolean; token: string | null }> {
  return await withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(VOTE, [project])
    return { counted: rowCount === 1, token: await takeToken(client) }
  })
}
