import { z } from 'zod'
import { chainRow } from '../../../../models/chains.ts'
import { cursorQuery, cursors } from '../../cursors.ts'
import { chainCard } from '../../html/chain-card.ts'
import { empty } from '../../html/empty.ts'
import { html, type Html } from '../../html/html.ts'
import { live } from '../../html/live.ts'
import { pager } from '../../html/pager.ts'
import { tabs } from '../../html/tabs.ts'
import { listRows } from '../../keyset.ts'
import { ownPage } from '../../own-page.ts'
import { page } from '../../page.ts'
import { categoryTabs, partOf, partQuery, shownPart } from '../list-part.ts'
import { findChain } from './find-chain.ts'
import { shownChain } from './row.ts'

const ROWS = 12

const listed = chainRow.extend({ user_is_following: z.boolean() })

const shown = z.object({
  sort: z.enum(['trending', 'followers']),
  ...shownPart,
})
type Shown = z.infer<typeof shown>

const SORTS = { trending: 'trending_score', followers: 'follower_count' } as const

export const chainsList = page({
  path: '/chains',
  feature: 'Chains list',
  summary: 'Public chains: trending, most followed, of a category or featured, twelve at a time',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({}),
  query: z.object({
    sort: shown.shape.sort.default('trending'),
    ...partQuery,
    ...cursorQuery,
  }),
  data: shown.extend({ chains: z.array(listed), ...cursors }),
  models: ['mv_chains_discovery'],
  read: async ({ store, query: { after, before, ...asked }, viewer }) => {
    const which = partOf(asked)
    const list = {
      select: selectOf(which),
      values: [viewer?.id ?? null, ...(which.category === null ? [] : [which.category])],
      order: [
        [SORTS[which.sort], 'desc'],
        ['id', 'asc'],
      ],
      n: ROWS,
    } as const
    const { rows, ...cursors } = await listRows<z.infer<typeof listed>>(store, list, { after, before })
    return { ...which, chains: rows, ...cursors }
  },
  title: () => 'Chains',
  view: (it, { url, viewer }) => {
    const list = {
      model: 'mv_chains_discovery',
      orderBy: [`${SORTS[it.sort]} desc`],
      where: it.category === null ? {} : { category: it.category },
      n: ROWS,
      card: '/chains/{key}/card',
    }
    const back = `${url.pathname}${url.search}`
    return html`<div class="head">
        <div>
          <h1>Chains</h1>
          <p>Collections of projects, each with a forum. Follow one to hear of it.</p>
        </div>
        <a class="button" href="/chains/new">Begin a chain</a>
      </div>
      ${orders(it)} ${categoryTabs('/chains', it.category)}
      ${it.chains.length === 0 ? empty('No chains here yet', 'Whatever people begin comes here within a second.') : ''}
      <ol class="cards grid" ${it.featured ? '' : live(list, url)}>
        ${it.chains.map((chain) => chainCard(chain, { viewer, back }))}
      </ol>
      ${pager(url, it)}`
  },
})

/** With the viewer's flag, $1, filled by the key of the followers: one statement is all that the page asks. */
function selectOf({ category, featured }: Shown): string {
  const filter = category === null ? (featured ? 'where c.is_featured' : '') : 'where c.category = $2'
  return `
    select c.*,
           exists (select from chain_followers f where f.chain_id = c.id and f.user_id = $1) as user_is_following
    from mv_chains_discovery c
    ${filter}`
}

function orders({ sort, category, featured }: Shown): Html {
  const isPlain = category === null && !featured
  return tabs('Order', [
    { href: '/chains', text: 'Trending', isHere: isPlain && sort === 'trending' },
    { href: '/chains?sort=followers', text: 'Most followed', isHere: isPlain && sort === 'followers' },
    { href: '/chains?featured=true', text: 'Featured', isHere: featured },
  ])
}

export const chainCardPage = page({
  path: '/chains/:id/card',
  feature: 'Chains list',
  summary: 'A chain as the list has it',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ id: z.uuid() }),
  query: z.object({ back: ownPage.default('/chains').describe('The page that its forms come back to') }),
  data: z.object({ chain: shownChain, back: z.string() }),
  models: ['mv_chains_discovery'],
  isFragment: true,
  read: async ({ store, params: { id }, query: { back }, viewer }) => {
    const chain = await findChain(store, id, viewer)
    return chain === null ? null : { chain, back }
  },
  title: ({ chain }) => chain.name,
  view: ({ chain, back }, { viewer }) => chainCard(chain, { viewer, back }),
})
