import { z } from 'zod'
import { feedRow } from '../../../models/feed.ts'
import { cursorQuery, cursors } from '../cursors.ts'
import { upvotedBy } from '../flags.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { live } from '../html/live.ts'
import { pager } from '../html/pager.ts'
import { projectCard } from '../html/project-card.ts'
import { tabs } from '../html/tabs.ts'
import { listRows } from '../keyset.ts'
import { page } from '../page.ts'
import type { Store } from '../store.ts'
import { categoryTabs, partOf, partQuery, shownPart } from './list-part.ts'

const ROWS = 10

const SORTS = {
  trending: 'trending_score desc',
  'top-rated': 'proof_score desc',
  newest: 'created_at desc',
} as const

const NAMES = { trending: 'Trending', 'top-rated': 'Top rated', newest: 'Newest' } as const

const shown = z.object({
  sort: z.enum(['trending', 'top-rated', 'newest']),
  ...shownPart,
})
type Shown = z.infer<typeof shown>
type FeedRow = z.infer<typeof feedRow>

export const shownProject = feedRow.extend({ user_has_upvoted: z.boolean() })

const query = z.object({
  sort: shown.shape.sort.default('trending'),
  ...partQuery,
  ...cursorQuery,
})

export const feed = page({
  path: '/',
  api: '/feed',
  feature: 'Feed',
  summary: 'Projects: trending, top rated or newest, ten at a time',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({}),
  query,
  data: shown.extend({ projects: z.array(shownProject), ...cursors }),
  models: ['mv_feed_projects'],
  read: async ({ store, share, query: { after, before, ...asked }, viewer }) => {
    const which = partOf(asked)
    const read = async () => eitherWay(await listed(store, which, { after, before }))
    const isFirst = after === undefined && before === undefined
    const { rows, next, previous } = isFirst
      ? await share(`feed ${JSON.stringify(which)}`, read)
      : await read()
    const voted = await upvotedBy(store, viewer, rows)
    const projects = rows.map(({ id, liked, plain }) => (voted.has(id) ? liked : plain))
    return { ...which, projects, next, previous }
  },
  title: () => 'Feed',
  view: (it, { url, viewer }) => {
    const { orderBy, where } = listOf(it)
    const list = {
      model: 'mv_feed_projects',
      orderBy: [orderBy],
      where,
      n: ROWS,
      card: '/projects/{key}/card',
    }
    const back = `${url.pathname}${url.search}`
    return html`<div class="head">
        <div>
          <h1>Feed</h1>
          <p>What people build, and what others make of it.</p>
        </div>
        <a class="button" href="/projects/new">Post a project</a>
      </div>
      ${orders(it)} ${categoryTabs('/', it.category)}
      ${
        it.projects.length === 0
          ? empty('No projects here yet', 'Whatever people post comes here within a second.', {
              href: '/projects/new',
              text: 'Post the first one',
            })
          : ''
      }
      <ol class="cards" ${it.featured ? '' : live(list, url)}>
        ${it.projects.map((project) => projectCard(project, { viewer, back }))}
      </ol>
      ${pager(url, it)}`
  },
})

async function listed(store: Store, which: Shown, cursors: Pick<z.infer<typeof query>, 'after' | 'before'>) {
  return which.featured
    ? await listRows<FeedRow>(store, FEATURED, cursors)
    : await store.models.feed.page({ ...listOf(which), n: ROWS, ...cursors })
}

/** Each row with the viewer's vote and without it, so that those who share the rows share how they look. */
function eitherWay({ rows, ...ends }: Awaited<ReturnType<typeof listed>>) {
  return {
    ...ends,
    rows: rows.map((it) => ({
      id: it.id,
      liked: { ...it, user_has_upvoted: true },
      plain: { ...it, user_has_upvoted: false },
    })),
  }
}

/** The client takes no index of a part of the rows; this one serves the statement. */
const FEATURED = {
  select: 'select * from mv_feed_projects where is_featured',
  values: [],
  order: [
    ['trending_score', 'desc'],
    ['id', 'asc'],
  ],
  n: ROWS,
} as const

/** By the index that the read model has for it. */
function listOf({ sort, category }: Pick<Shown, 'sort' | 'category'>) {
  if (category !== null) return { orderBy: SORTS.trending, where: { category } } as const
  return { orderBy: SORTS[sort], where: {} } as const
}

function orders({ sort, category, featured }: Shown): Html {
  const isPlain = category === null && !featured
  const links = Object.entries(NAMES).map(([name, text]) => ({
    href: `/?sort=${name}`,
    text,
    isHere: isPlain && name === sort,
  }))
  return tabs('Order', [...links, { href: '/?featured=true', text: 'Featured', isHere: featured }])
}
