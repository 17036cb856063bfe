import { z } from 'zod'
import { action } from '../action.ts'
import { POST_TYPES } from '../post-types.ts'
import { notFound } from '../refusal.ts'
import { isVisible } from '../visible-chains.ts'
import { back } from './back.ts'
import { text, ticked, title } from './fields.ts'

const inPost = z.object({ id: z.uuid(), post: z.uuid() })

/** Only who leads the chain keeps a post on top; they are told of what others write. */
const POST = `
  with post as (
    insert into chain_posts (chain_id, author_id, title, content, post_type, is_pinned)
    select c.id, $2, $4, $5, $6, $7 and c.creator_id = $2
    from chains c
    where c.id = $1 and c.is_active and ${isVisible({ viewer: 2, isAdmin: 3 })}
    returning id, chain_id, title
  ), told as (
    insert into notifications (user_id, type, message, link)
    select c.creator_id, 'post', 'a post in ' || c.name || ': ' || p.title, '/chains/' || c.id || '/forum/' || p.id
    from post p
    join chains c on c.id = p.chain_id
    where c.creator_id <> $2
  )
  select id from post`

export const writePost = action({
  path: '/chains/:id/forum',
  summary: 'Writes in the forum of a chain',
  access: 'signed-in',
  params: z.object({ id: z.uuid() }),
  body: z.object({
    title,
    content: text,
    post_type: z.enum(POST_TYPES).default('discussion'),
    is_pinned: ticked.describe('Kept on top; for who leads the chain'),
  }),
  run: async ({ client, params: { id }, body: it, viewer }) => {
    const values = [id, viewer.id, viewer.isAdmin, it.title, it.content, it.post_type, it.is_pinned]
    const { rows } = await client.query<{ id: string }>(POST, values)
    const [made] = rows
    if (made === undefined) throw notFound()
    return { to: `/chains/${id}/forum/${made.id}`, made: { id: made.id } }
  },
})

const POST_IS_THERE = `
  t.chain_id = $1 and t.id = $2 and not t.is_deleted and c.is_active and ${isVisible({ viewer: 3, isAdmin: 4 })}`

export const votePost = action({
  path: '/chains/:id/forum/:post/vote',
  summary: 'Votes a post up or down; a second vote replaces the first',
  access: 'signed-in',
  params: inPost,
  body: z.object({ up: z.stringbool().or(z.boolean()).default(true), back }),
  run: async ({ client, params: { id, post }, body: { up, back: to }, viewer }) => {
    const { rowCount } = await client.query(
      `insert into chain_post_votes (post_id, user_id, is_upvote)
       select t.id, $3, $5 from chain_posts t join chains c on c.id = t.chain_id where ${POST_IS_THERE}
       on conflict (post_id, user_id) do update set is_upvote = excluded.is_upvote`,
      [id, post, viewer.id, viewer.isAdmin, up],
    )
    if (rowCount === 0) throw notFound()
    return { to: to ?? `/chains/${id}/forum/${post}` }
  },
})

export const takePostVoteBack = action({
  path: '/chains/:id/forum/:post/vote/back',
  summary: 'Takes a vote on a post back',
  access: 'signed-in',
  params: inPost,
  body: z.object({ back }),
  run: async ({ client, params: { id, post }, body: { back: to }, viewer }) => {
    await client.query('delete from chain_post_votes where post_id = $1 and user_id = $2', [post, viewer.id])
    return { to: to ?? `/chains/${id}/forum/${post}` }
  },
})

/** Tells the author of the post, or whoever is answered; nobody is told of what they did themselves. */
const COMMENT = `
  with comment as (
    insert into chain_post_comments (post_id, author_id, parent_id, content)
    select t.id, $3, a.id, $6
    from chain_posts t
    join chains c on c.id = t.chain_id
    left join chain_post_comments a on a.id = $5 and a.post_id = t.id
    where ${POST_IS_THERE} and ($5::uuid is null or a.id is not null)
    returning id, post_id, parent_id
  ), told as (
    insert into notifications (user_id, type, message, link)
    select coalesce(a.author_id, t.author_id), 'comment',
           case when a.id is null then 'a comment on ' else 'an answer to you on ' end || t.title,
           '/chains/' || t.chain_id || '/forum/' || t.id || '#comment-' || m.id
    from comment m
    join chain_posts t on t.id = m.post_id
    left join chain_post_comments a on a.id = m.parent_id
    where coalesce(a.author_id, t.author_id) <> $3
  )
  select id from comment`

export const commentPost = action({
  path: '/chains/:id/forum/:post/comments',
  summary: 'Comments on a post, or answers a comment on it',
  access: 'signed-in',
  params: inPost,
  body: z.object({ content: text, parent: z.uuid().optional().describe('The comment that is answered') }),
  run: async ({ client, params: { id, post }, body: { content, parent = null }, viewer }) => {
    const values = [id, post, viewer.id, viewer.isAdmin, parent, content]
    const { rows } = await client.query<{ id: string }>(COMMENT, values)
    const [made] = rows
    if (made === undefined) throw notFound()
    return { to: `/chains/${id}/forum/${post}#comment-${made.id}`, made: { id: made.id } }
  },
})
