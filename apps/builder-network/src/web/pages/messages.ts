import { z } from 'zod'
import { cursorQuery, cursors } from '../cursors.ts'
import { ago } from '../html/ago.ts'
import { avatar } from '../html/avatar.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { own } from '../html/own.ts'
import { pager } from '../html/pager.ts'
import { listRows } from '../keyset.ts'
import { page } from '../page.ts'
import { conversationRow } from '../../../models/conversations.ts'

const ROWS = 20

const conversation = conversationRow
  .omit({ user_id: true, created_at: true, updated_at: true })
  .extend({ other_username: z.string(), is_own: z.boolean().describe('The viewer has written last') })

/**
 * By the strict view, as a statement that is prepared: planning it takes longer than running it, and `strict.page` is planned
 * anew each time.
 */
const INBOX = `
  select id, other_user_id, last_message_id, last_message_text, last_message_time, last_sender_id, unread_count, total_messages,
         (select username from users where id = other_user_id) as other_username, last_sender_id = user_id as is_own
  from message_conversations_denorm_strict
  where user_id = $1`

export const messages = page({
  path: '/messages',
  feature: 'Direct messages',
  summary: 'The viewer’s conversations, the latest first; exact at this moment',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object(cursorQuery),
  data: z.object({ conversations: z.array(conversation), ...cursors }),
  // Read strictly: it has all that is committed, whatever the worker has still to do.
  models: [],
  read: async ({ store, query, viewer }) => {
    const { rows, next, previous } = await listRows<z.infer<typeof conversation>>(
      store,
      {
        select: INBOX,
        values: [viewer.id],
        n: ROWS,
        order: [
          ['last_message_time', 'desc'],
          ['other_user_id', 'asc'],
        ],
      },
      query,
    )
    return { conversations: rows, next, previous }
  },
  title: () => 'Messages',
  view: (it, { url }) =>
    html`<div class="head"><h1>Messages</h1></div>
      ${own('inbox', url, it.conversations.length === 0 ? nothing() : list(it.conversations))}
      ${pager(url, it)}`,
})

function nothing(): Html {
  return empty(
    'No messages yet',
    'Open somebody’s page and write to them: the conversation will stand here.',
    {
      href: '/leaderboards/builders',
      text: 'Find builders',
    },
  )
}

function list(conversations: readonly z.infer<typeof conversation>[]): Html {
  return html`<ul class="entries">
    ${conversations.map(
      (it) =>
        html`<li id="c-${it.id}" class="${it.unread_count > 0 ? 'unread' : ''}">
          ${avatar(it.other_username)}
          <div class="what">
            <h2 class="title"><a href="/messages/${it.other_username}">${it.other_username}</a></h2>
            <p class="cut muted">${it.is_own ? 'You: ' : ''}${it.last_message_text}</p>
          </div>
          <span class="muted">${ago(it.last_message_time)}</span>
          ${
            it.unread_count === 0
              ? ''
              : html`<span class="count"
                  >${it.unread_count}<span class="visually-hidden"> unread</span></span
                >`
          }
        </li>`,
    )}
  </ul>`
}
