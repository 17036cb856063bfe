import { z } from 'zod'
import { cursorQuery, cursors } from '../cursors.ts'
import { ago } from '../html/ago.ts'
import { avatar } from '../html/avatar.ts'
import { html, type Html } from '../html/html.ts'
import { own } from '../html/own.ts'
import { pager } from '../html/pager.ts'
import { listRows, NEWEST_FIRST } from '../keyset.ts'
import { page } from '../page.ts'
import { Refusal } from '../refusal.ts'
import { username } from '../username.ts'

const ROWS = 20

const message = z.object({
  id: z.string(),
  message: z.string(),
  is_own: z.boolean(),
  is_read: z.boolean(),
  created_at: z.string(),
})

const data = z.object({
  other: z.object({ id: z.string(), username: z.string(), is_active: z.boolean() }),
  messages: z.array(message).describe('The newest first'),
  ...cursors,
})

type Conversation = z.infer<typeof data>

const OTHER = 'select id, username, is_active from users where lower(username) = lower($1)'

/** Two ranges of one index, merged. */
const BETWEEN = `
  select id, message, true as is_own, is_read, created_at
  from direct_messages where sender_id = $1 and recipient_id = $2
  union all
  select id, message, false, is_read, created_at
  from direct_messages where sender_id = $2 and recipient_id = $1`

export const conversation = page({
  path: '/messages/:username',
  feature: 'Direct messages',
  summary: 'What the viewer and somebody else have written to each other, the newest first',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({ username }),
  query: z.object(cursorQuery),
  data,
  models: [],
  read: async ({ store, params, query, viewer }) => {
    const [other] = await store.rows<Conversation['other']>(OTHER, [params.username])
    if (other === undefined) return null
    if (other.id === viewer.id) throw new Refusal(400, 'yourself', 'Nobody writes to themselves here.')
    const { rows, next, previous } = await listRows<Conversation['messages'][number]>(
      store,
      {
        select: BETWEEN,
        values: [viewer.id, other.id],
        n: ROWS,
        order: NEWEST_FIRST,
      },
      query,
    )
    return { other, messages: rows, next, previous }
  },
  title: ({ other }) => `Messages with ${other.username}`,
  view: (it, { url }) =>
    html`<div class="head">
        <div class="row">
          ${avatar(it.other.username)}
          <h1><a href="/users/${it.other.username}">${it.other.username}</a></h1>
        </div>
        <a href="/messages">All conversations</a>
      </div>
      ${pager(url, { previous: it.previous, next: it.next })}
      ${own('talk', url, talk(it), { withUser: it.other.id })}
      ${it.other.is_active ? write(it.other.username) : html`<p class="notice">They have left: nobody reads here any more.</p>`}`,
})

function talk({ other, messages }: Conversation): Html {
  const isNew = messages.some((it) => !it.is_own && !it.is_read)
  return html`${
    messages.length === 0
      ? html`<p class="empty">You have not written with ${other.username} yet. Say hello below.</p>`
      : html`<div class="talk-frame" tabindex="0" role="group" aria-label="Messages, the newest last">
          <ol class="talk">
            ${messages.toReversed().map(bubble)}
          </ol>
        </div>`
  }
  ${isNew ? markAsRead(other.username) : ''}`
}

function bubble(it: z.infer<typeof message>): Html {
  return html`<li id="m-${it.id}" class="${it.is_own ? 'mine' : ''}">
    <p><span class="visually-hidden">${it.is_own ? 'You: ' : 'They: '}</span>${it.message}</p>
    ${ago(it.created_at)}${it.is_own && it.is_read ? html` <span class="muted">· seen</span>` : ''}
  </li>`
}

/** By itself where there are scripts, which also fetch the counts anew; else by the button. */
function markAsRead(other: string): Html {
  return html`<form
    action="/messages/${other}/read"
    method="post"
    hx-post="/messages/${other}/read"
    hx-trigger="load, submit"
    hx-target="#unread"
    hx-swap="innerMorph"
    hx-push-url="false"
  >
    <input type="hidden" name="back" value="/unread" />
    <button class="quiet small">Mark as read</button>
  </form>`
}

function write(other: string): Html {
  return html`<form class="write" action="/messages/${other}" method="post">
    <label
      ><span class="visually-hidden">Message to ${other}</span
      ><textarea name="message" rows="2" required maxlength="5000" placeholder="Write to ${other}"></textarea>
    </label>
    <button>Send</button>
  </form>`
}
