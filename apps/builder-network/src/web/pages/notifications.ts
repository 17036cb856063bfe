import { z } from 'zod'
import { cursorQuery, cursors } from '../cursors.ts'
import { ago } from '../html/ago.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { own } from '../html/own.ts'
import { pager } from '../html/pager.ts'
import { press } from '../html/press.ts'
import { listRows, NEWEST_FIRST } from '../keyset.ts'
import { ownPage } from '../own-page.ts'
import { page } from '../page.ts'

const ROWS = 20

const notification = z.object({
  id: z.string(),
  type: z.string(),
  message: z.string(),
  link: z.string().nullable().describe('The page that it is about'),
  is_read: z.boolean(),
  created_at: z.string(),
})

type Notification = z.infer<typeof notification>

const MINE = `
  select id, type, message, link, is_read, created_at
  from notifications
  where user_id = $1`

export const notifications = page({
  path: '/notifications',
  feature: 'Notifications',
  summary: 'What has happened to the viewer, the newest first',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object(cursorQuery),
  data: z.object({ notifications: z.array(notification), ...cursors }),
  models: [],
  read: async ({ store, query, viewer }) => {
    const { rows, ...ends } = await listRows<Notification>(
      store,
      {
        select: MINE,
        values: [viewer.id],
        n: ROWS,
        order: NEWEST_FIRST,
      },
      query,
    )
    return { notifications: rows, ...ends }
  },
  title: () => 'Notifications',
  view: (it, { url }) =>
    html`<h1>Notifications</h1>
      ${own('news', url, it.notifications.length === 0 ? nothing() : list(it.notifications, `${url.pathname}${url.search}`))}
      ${pager(url, it)}`,
})

function nothing(): Html {
  return empty('All quiet', 'Comments on your projects, badges, answers and introductions are told here.', {
    href: '/',
    text: 'To the feed',
  })
}

/** `back`: the page of the list that it stands on. */
function list(news: readonly Notification[], back: string): Html {
  return html`${
      news.some((it) => !it.is_read)
        ? html`<form action="/notifications/read" method="post">
            <button class="quiet small">Mark all as read</button>
          </form>`
        : ''
    }
    <ul class="entries">
      ${news.map(
        (it) =>
          html`<li id="n-${it.id}" class="${it.is_read ? '' : 'unread'}">
            <div class="what">
              <p class="title">${linked(it)}</p>
              <p class="muted">${it.type} · ${ago(it.created_at)}</p>
            </div>
            ${it.is_read ? '' : readButton(it, back)}
          </li>`,
      )}
    </ul>`
}

function readButton({ id, message }: Notification, back: string): Html {
  return press({
    action: '/notifications/read',
    text: 'Mark as read',
    label: `Mark as read: ${message}`,
    back,
    fields: { id },
  })
}

/** Whatever stands in the table, only pages of this site are linked. */
function linked({ message, link }: Notification): Html | string {
  const { data: page } = ownPage.safeParse(link)
  return page === undefined ? message : html`<a href="${page}">${message}</a>`
}
