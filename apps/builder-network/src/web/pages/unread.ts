import { z } from 'zod'
import { html, type Html } from '../html/html.ts'
import { BELL, ENVELOPE } from '../html/icons.ts'
import { page } from '../page.ts'
import { unreadRow } from '../../../models/unread.ts'

const NOBODYS = { unread_messages: 0, unread_notifications: 0 }

export const unread = page({
  path: '/unread',
  feature: 'Unread counts',
  summary: 'How many messages and notifications wait to be read',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object({}),
  data: unreadRow.omit({ user_id: true }),
  models: [],
  isFragment: true,
  read: async ({ store, viewer }) => {
    const { unread_messages, unread_notifications } = (await store.models.unread.get(viewer.id)) ?? NOBODYS
    return { unread_messages, unread_notifications }
  },
  title: () => 'Unread',
  view: (it) =>
    html`${bell('/messages', 'message', it.unread_messages, ENVELOPE)}
    ${bell('/notifications', 'notification', it.unread_notifications, BELL)}`,
})

const MOST_SHOWN = 99

function bell(href: string, of: string, count: number, icon: Html): Html {
  const label = `${String(count)} unread ${of}${count === 1 ? '' : 's'}`
  const shown = count > MOST_SHOWN ? `${String(MOST_SHOWN)}+` : String(count)
  return html`<a class="bell" href="${href}" aria-label="${label}"
    >${icon}${count === 0 ? '' : html`<b aria-hidden="true">${shown}</b>`}</a
  >`
}
