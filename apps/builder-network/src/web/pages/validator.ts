import { z } from 'zod'
import { cursorQuery, cursors } from '../cursors.ts'
import { ago } from '../html/ago.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { pager } from '../html/pager.ts'
import { person } from '../html/person.ts'
import { stats } from '../html/stats.ts'
import { page } from '../page.ts'
import { awaitingRow, validatorDashboardRow } from '../../../models/dashboards.ts'

const ROWS = 20

const data = z.object({
  dashboard: validatorDashboardRow.nullable().describe('null: an administrator who is no validator'),
  awaiting: z.array(awaitingRow).describe('Projects that nobody has validated, the oldest first'),
  ...cursors,
})

type Validator = z.infer<typeof data>

export const validator = page({
  path: '/validator',
  feature: 'Validator dashboard',
  summary: 'What the viewer has awarded, and which projects nobody has validated yet',
  freshness: 'eventual',
  access: 'validator',
  params: z.object({}),
  query: z.object(cursorQuery),
  data,
  models: ['validator_dashboard', 'projects_awaiting'],
  read: async ({ store, query: { after, before }, viewer }) => {
    const { rows, next, previous } = await store.models.projectsAwaiting.page({
      orderBy: 'created_at',
      n: ROWS,
      after,
      before,
    })
    const dashboard = await store.models.validatorDashboard.get(viewer.id)
    return { dashboard, awaiting: [...rows], next, previous }
  },
  title: () => 'For validators',
  view: (it, { url }) =>
    html`<div class="head">
        <div>
          <h1>For validators</h1>
          <p>A badge says that you have looked, and that it holds.</p>
        </div>
      </div>
      ${it.dashboard === null ? '' : awarded(it.dashboard)}
      <section>
        <h2>Nobody has looked at these yet</h2>
        ${it.awaiting.length === 0 ? empty('Every project has a badge', 'New ones stand here until somebody has looked at them.', { href: '/', text: 'To the feed' }) : list(it.awaiting)}
      </section>
      ${pager(url, it)}`,
})

function awarded(it: NonNullable<Validator['dashboard']>): Html {
  return html`<section>
    <h2>Your badges</h2>
    ${stats([
      { name: 'Awarded', value: it.badges_given, more: `${String(it.badges_30_days)} in 30 days` },
      { name: 'Stone', value: it.stone },
      { name: 'Silver', value: it.silver },
      { name: 'Gold', value: it.gold },
      { name: 'Platinum', value: it.platinum },
      { name: 'Demonstration', value: it.demonstration },
    ])}
  </section>`
}

function list(projects: Validator['awaiting']): Html {
  return html`<ul class="entries">
    ${projects.map(
      (it) =>
        html`<li>
          <div class="what">
            <h3 class="title"><a href="/projects/${it.id}">${it.title}</a></h3>
            <p class="muted">${person(it.username)} · ${it.category} · ${ago(it.created_at)}</p>
          </div>
          <a class="button quiet small" href="/projects/${it.id}" aria-label="Look at it: ${it.title}"
            >Look at it</a
          >
        </li>`,
    )}
  </ul>`
}
