import { z } from 'zod'
import { html } from '../html/html.ts'
import { stats } from '../html/stats.ts'
import { page } from '../page.ts'
import { investorDashboardRow } from '../../../models/dashboards.ts'

const data = z.object({
  dashboard: investorDashboardRow.nullable().describe('null: not listed as an investor (yet)'),
})

export const investor = page({
  path: '/investor',
  feature: 'Investor dashboard',
  summary: 'What has become of the introductions that the viewer has asked for',
  freshness: 'eventual',
  access: 'investor',
  params: z.object({}),
  query: z.object({}),
  data,
  models: ['investor_dashboard'],
  read: async ({ store, viewer }) => ({ dashboard: await store.models.investorDashboard.get(viewer.id) }),
  title: () => 'For investors',
  view: ({ dashboard: it }) =>
    html`<div class="head">
        <div>
          <h1>${it?.company_name ?? 'For investors'}</h1>
          ${
            it === null
              ? html`<p>
                  Your introductions and the builders whose chains you follow are counted here once you are
                  listed.
                </p>`
              : html`<p>
                  ${[it.investment_focus, it.ticket_size].filter((part) => part !== null).join(' · ')}
                </p>`
          }
        </div>
        ${it === null ? html`<a class="button" href="/investors/apply">Apply to be listed</a>` : html`<a class="button quiet" href="/intros?box=sent">My introductions</a>`}
      </div>
      ${
        it === null
          ? ''
          : stats([
              { name: 'Introductions asked for', value: it.intros_sent, href: '/intros?box=sent' },
              { name: 'Waiting for an answer', value: it.intros_pending },
              { name: 'Accepted', value: it.intros_approved },
              { name: 'Declined', value: it.intros_rejected },
              {
                name: 'Builders answer within',
                value: duration(it.average_response_seconds),
                more: 'on average',
              },
              { name: 'Builders followed', value: it.followed_builders, href: '/chains' },
            ])
      }`,
})

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

function duration(seconds: number | null): string {
  if (seconds === null) return '–'
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? ['second', 1]
  const count = Math.round(seconds / length)
  return `${count.toLocaleString('en-US')} ${unit}${count === 1 ? '' : 's'}`
}
