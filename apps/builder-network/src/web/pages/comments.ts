import { z } from 'zod'
import { ago } from '../html/ago.ts'
import { html, type Html } from '../html/html.ts'
import { livePart } from '../html/live.ts'
import { pager } from '../html/pager.ts'
import { person } from '../html/person.ts'
import { press } from '../html/press.ts'
import { listRows, type Listed } from '../keyset.ts'
import type { Store } from '../store.ts'
import type { Viewer } from '../viewer.ts'

const ROOTS = 20
/** More answers to one comment are not shown: a page has an end. */
const MOST_ANSWERS = 200

const said = z.object({
  id: z.uuid(),
  content: z.string().nullable().describe('null: it was deleted'),
  created_at: z.iso.datetime({ local: true }),
  user_id: z.uuid(),
  username: z.string(),
  is_verified: z.boolean(),
})
const answer = said.extend({
  parent_id: z.uuid(),
  depth: z.number().int().min(1).describe('1: to the comment itself; 2: to an answer'),
})

/** A comment with the answers to it, in the order of reading. */
export const comment = said.extend({
  answers: z.array(answer).describe(`The first ${String(MOST_ANSWERS)}`),
})
type Comment = z.infer<typeof comment>
type Answer = z.infer<typeof answer>

/** Where comments stand, and of what they are. They are read live: comments have no read model. */
interface Kept {
  readonly table: string
  readonly of: string
  readonly author: string
  readonly isDeleted: (alias: string) => string
}

const KEPT = {
  project: {
    table: 'comments',
    of: 'project_id',
    author: 'user_id',
    isDeleted: (it: string) => `${it}.is_deleted`,
  },
  post: { table: 'chain_post_comments', of: 'post_id', author: 'author_id', isDeleted: () => 'false' },
} as const satisfies Record<string, Kept>

/**
 * Comments on $1 itself, each with its thread. What was deleted stays, without its words, where somebody has answered it.
 * Each step goes by the index of one comment's answers, or of users: OFFSET keeps it apart, for the server expects longer threads than there
 * are, and would read all comments, and all users, to join them. For the project with the most of them 2,635 blocks became 147.
 */
function commentsSql({ table, of, author, isDeleted }: Kept): string {
  const content = (it: string) => `case when not ${isDeleted(it)} then ${it}.content end`
  const place = `to_char(c.created_at, 'YYYYMMDDHH24MISSUS') || c.id`
  const isAnswered = (it: string) =>
    `exists (select from ${table} a where a.${of} = $1 and a.parent_id = ${it}.id offset 0)`
  const columns = `c.id, c.parent_id, c.created_at, c.${author} as user_id, ${content('c')} as content`
  return `
    select root.id, ${content('root')} as content, root.created_at, root.${author} as user_id, u.username, u.is_verified,
           (with recursive thread as (
              select ${columns}, 1 as depth, ${place} as place
              from ${table} c
              where c.${of} = $1 and c.parent_id = root.id
              union all
              select ${columns}, t.depth + 1, t.place || '/' || ${place}
              from thread t
              cross join lateral (select * from ${table} where ${of} = $1 and parent_id = t.id offset 0) c
            ), first as (
              select t.*, w.username, w.is_verified
              from thread t
              cross join lateral (select username, is_verified from users where id = t.user_id offset 0) w
              where t.content is not null or ${isAnswered('t')}
              order by t.place
              limit ${String(MOST_ANSWERS)}
            )
            select coalesce(json_agg(json_build_object(
                     'id', f.id, 'parent_id', f.parent_id, 'depth', f.depth, 'content', f.content, 'created_at', f.created_at,
                     'user_id', f.user_id, 'username', f.username, 'is_verified', f.is_verified) order by f.place), '[]')
            from first f) as answers
    from ${table} root
    join users u on u.id = root.${author}
    where root.${of} = $1 and root.parent_id is null and (not ${isDeleted('root')} or ${isAnswered('root')})`
}

export type Commented = keyof typeof KEPT

export async function commentsOn(
  store: Store,
  what: { readonly kind: Commented; readonly id: string },
  cursors: { readonly after?: string | undefined; readonly before?: string | undefined },
): Promise<Listed<Comment>> {
  const list = {
    select: commentsSql(KEPT[what.kind]),
    values: [what.id],
    order: [
      ['created_at', 'desc'],
      ['id', 'asc'],
    ],
    n: ROOTS,
  } as const
  return await listRows<Comment>(store, list, cursors)
}

interface Section extends Shown {
  readonly url: URL
  readonly comments: readonly Comment[]
  readonly ends: Pick<Listed<unknown>, 'next' | 'previous'>
  /** The row of a read model that says when there is more to read, and its count of comments as the page knows it. */
  readonly follows: { readonly row: Html; readonly shows: Readonly<Record<string, number | null>> }
}

/** What is said of something, and the form by which the viewer says more. */
export function commentSection({ url, comments, ends, follows, ...shown }: Section): Html {
  const said =
    comments.length === 0
      ? html`<p class="muted">Nobody has said anything yet.</p>`
      : commentList(comments, shown)
  return html`<section aria-labelledby="comments">
    <h2 id="comments">Comments</h2>
    ${
      shown.viewer === null
        ? html`<p><a href="/sign-in?to=${encodeURIComponent(url.pathname)}">Sign in</a> to say something.</p>`
        : commentForm(shown.action)
    }
    ${livePart('said', url, html`${said} ${pager(url, ends)}`, { shows: follows.shows, attributes: follows.row })}
  </section>`
}

interface Shown {
  /** Where comments are sent to. */
  readonly action: string
  readonly viewer: Viewer | null
  readonly back: string
  /** Whether comments can be deleted. */
  readonly canDelete: boolean
}

function commentList(comments: readonly Comment[], shown: Shown): Html {
  return html`<ol class="thread">
    ${comments.map(
      (it) =>
        html`<li class="card" id="comment-${it.id}">
          ${oneComment(it, shown)}
          ${
            it.answers.length === 0
              ? ''
              : html`<ol class="thread">
                  ${it.answers.map(
                    (one) =>
                      html`<li id="comment-${one.id}" data-depth="${Math.min(one.depth, 5)}">
                        ${oneComment(one, shown)}
                      </li>`,
                  )}
                </ol>`
          }
          ${it.answers.length === MOST_ANSWERS ? html`<p>Only the first answers are shown.</p>` : ''}
        </li>`,
    )}
  </ol>`
}

function oneComment(it: z.infer<typeof said> | Answer, { action, viewer, back, canDelete }: Shown): Html {
  if (it.content === null) return html`<p class="muted">This comment was deleted.</p>`
  const isOwn = canDelete && viewer !== null && (viewer.id === it.user_id || viewer.isAdmin)
  return html`<article class="comment">
    <p class="facts">${person(it.username, it.is_verified)} · ${ago(it.created_at)}</p>
    <p class="said">${it.content}</p>
    ${viewer === null ? '' : answerForm(it.id, action)}
    ${isOwn ? press({ action: `/comments/${it.id}/delete`, text: 'Delete', back, label: 'Delete this comment' }) : ''}
  </article>`
}

function answerForm(parent: string, action: string): Html {
  return html`<details class="fold">
    <summary>Answer</summary>
    ${commentForm(action, parent)}
  </details>`
}

/** `parent`: the comment that is answered. */
function commentForm(action: string, parent?: string): Html {
  return html`<form class="form" action="${action}" method="post">
    ${parent === undefined ? '' : html`<input type="hidden" name="parent" value="${parent}" />`}
    <label
      >${parent === undefined ? 'Your comment' : 'Your answer'}
      <textarea name="content" rows="3" maxlength="10000" required></textarea>
    </label>
    <button>Send</button>
  </form>`
}
