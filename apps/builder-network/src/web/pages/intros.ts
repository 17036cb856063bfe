import { z } from 'zod'
import { cursorQuery, cursors } from '../cursors.ts'
import { ago } from '../html/ago.ts'
import { avatar } from '../html/avatar.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { own } from '../html/own.ts'
import { pager } from '../html/pager.ts'
import { tabs } from '../html/tabs.ts'
import { listRows, NEWEST_FIRST } from '../keyset.ts'
import { page } from '../page.ts'
import { mayUse, type Viewer } from '../viewer.ts'
import { introsRow } from '../../../models/intros.ts'

const ROWS = 20

const intro = z.object({
  id: z.string(),
  username: z.string().describe('The other side'),
  project_id: z.string().nullable(),
  project_title: z.string().nullable(),
  message: z.string(),
  status: z.enum(['pending', 'approved', 'rejected']),
  created_at: z.string(),
  responded_at: z.string().nullable(),
})

type Intro = z.infer<typeof intro>

const box = z.enum(['received', 'sent'])

const counts = introsRow.omit({ user_id: true })

const data = z.object({
  box,
  ...counts.shape,
  intros: z.array(intro),
  ...cursors,
})

/** `mine`, `theirs`: columns of which the client has no say. */
const listOf = (mine: string, theirs: string) => `
  select i.id, u.username, i.project_id, p.title as project_title, i.message, i.status, i.created_at, i.responded_at
  from intro_requests i
  join users u on u.id = i.${theirs}
  left join projects p on p.id = i.project_id and not p.is_deleted
  where i.${mine} = $1`

const LISTS = { received: listOf('builder_id', 'investor_id'), sent: listOf('investor_id', 'builder_id') }

const NONE = { pending_requests: 0, approved_requests: 0, rejected_requests: 0, sent_requests: 0 }

export const intros = page({
  path: '/intros',
  feature: 'Intros',
  summary: 'Introductions that the viewer was asked for, or has asked for',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object({ box: box.default('received'), ...cursorQuery }),
  data,
  models: [],
  read: async ({ store, query: { box: of, after, before }, viewer }) => {
    const { rows, next, previous } = await listRows<Intro>(
      store,
      {
        select: LISTS[of],
        values: [viewer.id],
        n: ROWS,
        order: NEWEST_FIRST,
      },
      { after, before },
    )
    const found = await store.models.intros.get(viewer.id)
    return { box: of, ...counts.parse(found ?? NONE), intros: rows, next, previous }
  },
  title: () => 'Introductions',
  view: (it, { url, viewer }) =>
    html`<div class="head">
        <div>
          <h1>Introductions</h1>
          <p>Investors ask builders to meet; builders say yes or no.</p>
        </div>
      </div>
      ${boxes(it)}
      ${own('intros', url, it.intros.length === 0 ? nothing(it.box, viewer) : list(it.box, it.intros))}
      ${pager(url, it)}`,
})

function boxes(it: z.infer<typeof data>): Html {
  const received = it.pending_requests + it.approved_requests + it.rejected_requests
  return tabs('Introductions', [
    {
      href: '/intros',
      text: `Received (${String(received)}, ${String(it.pending_requests)} to answer)`,
      isHere: it.box === 'received',
    },
    { href: '/intros?box=sent', text: `Sent (${String(it.sent_requests)})`, isHere: it.box === 'sent' },
  ])
}

function nothing(of: z.infer<typeof box>, viewer: Viewer): Html {
  if (of === 'received') {
    return empty(
      'Nobody has asked yet',
      'Post projects with proof of your work: investors find you by them.',
      {
        href: '/projects/new',
        text: 'Post a project',
      },
    )
  }
  return mayUse('investor', viewer)
    ? empty('You have not asked anybody yet', 'Open a project and ask its builder for an introduction.', {
        href: '/',
        text: 'Look at projects',
      })
    : empty('Introductions are for investors to ask', 'Apply to be listed as one.', {
        href: '/investors/apply',
        text: 'Apply as an investor',
      })
}

function list(of: z.infer<typeof box>, found: readonly Intro[]): Html {
  return html`<ul class="entries">
    ${found.map(
      (it) =>
        html`<li id="i-${it.id}">
          ${avatar(it.username)}
          <div class="what">
            <h2 class="title"><a href="/users/${it.username}">${it.username}</a></h2>
            <p>${it.message}</p>
            <p class="muted">
              ${it.project_title === null ? '' : html`about <a href="/projects/${it.project_id ?? ''}">${it.project_title}</a> · `}
              ${ago(it.created_at)}
            </p>
          </div>
          ${of === 'received' && it.status === 'pending' ? answers(it) : html`<span class="status" data-status="${it.status}">${it.status}</span>`}
        </li>`,
    )}
  </ul>`
}

function answers({ id, username }: Intro): Html {
  return html`<form class="row" action="/intros/${id}/answer" method="post">
    <button class="small" name="answer" value="approved" aria-label="Accept ${username}">Accept</button>
    <button class="quiet small" name="answer" value="rejected" aria-label="Decline ${username}">
      Decline
    </button>
  </form>`
}
