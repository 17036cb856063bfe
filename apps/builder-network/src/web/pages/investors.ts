import { z } from 'zod'
import { investorRow } from '../../../models/investors.ts'
import { cursorQuery, cursors } from '../cursors.ts'
import { ago } from '../html/ago.ts'
import { empty } from '../html/empty.ts'
import { counted, figure } from '../html/figure.ts'
import { html, type Html } from '../html/html.ts'
import { live } from '../html/live.ts'
import { outside } from '../html/outside.ts'
import { pager } from '../html/pager.ts'
import { person } from '../html/person.ts'
import { page } from '../page.ts'
import type { Viewer } from '../viewer.ts'

const ROWS = 20

export const investorsDirectory = page({
  path: '/investors',
  feature: 'Investors directory',
  summary: 'Investors who are listed, the latest first, twenty at a time; or those with one focus',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({}),
  query: z.object({
    focus: z.string().max(200).optional().describe('Their investment focus'),
    ...cursorQuery,
  }),
  data: z.object({ focus: z.string().nullable(), investors: z.array(investorRow), ...cursors }),
  models: ['mv_investors_directory'],
  read: async ({ store, query: { focus = '', after, before } }) => {
    const where = focus === '' ? {} : { investment_focus: focus }
    const { rows, next, previous } = await store.models.investors.page({
      orderBy: 'approved_at desc',
      where,
      n: ROWS,
      after,
      before,
    })
    return { focus: focus === '' ? null : focus, investors: [...rows], next, previous }
  },
  title: () => 'Investors',
  view: (it, { url, viewer }) => {
    const list = {
      model: 'mv_investors_directory',
      orderBy: ['approved_at desc'],
      ...(it.focus !== null && { where: { investment_focus: it.focus } }),
      n: ROWS,
      card: '/investors/{key}/card',
    }
    return html`<div class="head">
        <div>
          <h1>${it.focus === null ? 'Investors' : `Investors in ${it.focus}`}</h1>
          <p>They have been looked at by our administrators before they are listed.</p>
        </div>
        ${applyLink(viewer)}
      </div>
      ${it.focus === null ? '' : html`<p><a href="/investors">All investors</a></p>`}
      ${it.investors.length === 0 ? empty('No investors here', 'Whoever is approved is listed within a second.') : ''}
      <ol class="cards grid" ${live(list, url)}>
        ${it.investors.map(investorCard)}
      </ol>
      ${pager(url, it)}`
  },
})

function applyLink(viewer: Viewer | null): Html {
  return viewer !== null ? html`<a class="button" href="/investors/apply">Be listed</a>` : html``
}

function investorCard(it: z.infer<typeof investorRow>): Html {
  return html`<li class="card" data-key="${it.id}">
    <h2>${person(it.username)}</h2>
    <p><b data-field="company_name">${it.company_name}</b></p>
    <p class="said cut-3" data-field="bio">${it.bio}</p>
    <p class="facts">
      ${
        it.investment_focus === null
          ? ''
          : html`<a class="tag" href="/investors?focus=${encodeURIComponent(it.investment_focus)}"
              >${it.investment_focus}</a
            > `
      }
      <span data-field="ticket_size">${it.ticket_size}</span>
      ${outside(it.portfolio_url, 'Portfolio')} ${outside(it.linkedin_url, 'LinkedIn')}
    </p>
    <p class="facts">
      ${counted('intro_requests_sent', it.intro_requests_sent, 'introduction', ' asked for')} ·
      <span class="figure">${figure('intros_approved', it.intros_approved)} agreed to</span>
      ${it.approved_at === null ? '' : html` · <span class="figure">listed ${ago(it.approved_at)}</span>`}
    </p>
  </li>`
}

export const investorCardPage = page({
  path: '/investors/:id/card',
  feature: 'Investors directory',
  summary: 'An investor as the directory has them',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ id: z.uuid() }),
  query: z.object({}),
  data: investorRow,
  models: ['mv_investors_directory'],
  isFragment: true,
  read: async ({ store, params: { id } }) => await store.models.investors.get(id),
  title: ({ username }) => username,
  view: investorCard,
})
