import { z } from 'zod'
import { rankedBuilder, rankedProject } from '../../../models/leaderboards.ts'
import { CATEGORIES } from '../../words.ts'
import { drawnOnce } from '../html/drawn-once.ts'
import { empty } from '../html/empty.ts'
import { counted, figure } from '../html/figure.ts'
import { html, type Html } from '../html/html.ts'
import { live } from '../html/live.ts'
import { pager } from '../html/pager.ts'
import { person } from '../html/person.ts'
import { tabs } from '../html/tabs.ts'
import { page } from '../page.ts'
import type { Viewer } from '../viewer.ts'

const ROWS = 50
/** The views of the plan have so many. */
const RANKED = 1000

const rank = z.number().int().describe('From 1 on; nobody shares one')
const ends = {
  next: z.uuid().nullable().describe('For `after`, of the page behind this one; null: there is none'),
  previous: z.null().describe('Begin at the top again'),
}
const query = {
  after: z.uuid().optional().describe('The id of the last row of the page before'),
  around: z.uuid().optional().describe('The id of a row: it, and what stands around it'),
}

export const projectLeaderboard = page({
  path: '/leaderboards/projects',
  feature: 'Leaderboards',
  summary: 'The first thousand projects by proof score, fifty at a time, also within a category',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({}),
  query: z.object({ ...query, category: z.string().max(100).optional().describe('Only of this category') }),
  data: z.object({
    category: z.string().nullable(),
    around: z.uuid().nullable(),
    projects: z.array(rankedProject.extend({ rank })),
    ...ends,
  }),
  models: ['project_ranks'],
  read: async ({ store, share, query: { after, around, category = '' } }) => {
    const board = store.models.projectRanks
    const within = category === '' ? [] : (['category'] as const)
    const group = category === '' ? {} : { category }
    const rows = await rankedRows(
      { after, around },
      {
        top: async (n) =>
          await share(`projects ranked in ${category}`, async () => await board.top({ n, group })),
        after: async (key, n) => await board.after(key, { n, within }),
        around: async (key, n) => await board.around(key, { n, within }),
      },
    )
    const { projects, next } = firstOf(rows, around)
    return {
      category: category === '' ? null : category,
      around: around ?? null,
      projects,
      next,
      previous: null,
    }
  },
  title: () => 'Projects by proof score',
  view: (it, { url, viewer }) => {
    const list = {
      model: 'project_ranks',
      orderBy: ['proof_score desc', 'created_at'],
      n: ROWS,
      card: `/leaderboards/projects/{key}/row`,
    }
    return html`${boards('projects', viewer)} ${categories(it.category)}
      ${it.projects.length === 0 ? nobody(it.around) : ''}
      <ol class="entries ranks" ${it.around === null && it.category === null ? live(list, url) : ''}>
        ${it.projects.map((project) => projectRow(project, it.around))}
      </ol>
      ${pager(url, it)}`
  },
})

type ProjectRow = z.infer<typeof rankedProject> & { readonly rank?: number | undefined }
const projectOnce = drawnOnce<ProjectRow>()

function projectRow(it: ProjectRow, around: string | null): Html {
  return projectOnce(it, it.id === around ? 'marked' : '', () => drawProject(it, around))
}

const drawProject = (it: ProjectRow, around: string | null): Html =>
  html`<li data-key="${it.id}" ${it.id === around ? html`aria-current="true"` : ''}>
    <b class="rank" data-place>${it.rank ?? ''}</b>
    <div class="what">
      <p class="title"><a href="/projects/${it.id}" data-field="title">${it.title}</a></p>
      <p class="facts">
        ${person(it.username)} · <span data-field="category">${it.category}</span> ·
        ${counted('badge_count', it.badge_count, 'badge')} ·
        ${counted('comment_count', it.comment_count, 'comment')} ·
        ${counted('vote_count', it.vote_count, 'vote')}
      </p>
    </div>
    ${figure('proof_score', it.proof_score, 'score')}
  </li>`

export const builderLeaderboard = page({
  path: '/leaderboards/builders',
  feature: 'Leaderboards',
  summary: 'The first thousand people by karma, fifty at a time',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({}),
  query: z.object(query),
  data: z.object({
    around: z.uuid().nullable(),
    builders: z.array(rankedBuilder.extend({ rank })),
    ...ends,
  }),
  models: ['builder_ranks'],
  read: async ({ store, share, query: { after, around } }) => {
    const board = store.models.builderRanks
    const rows = await rankedRows(
      { after, around },
      {
        top: async (n) => await share('builders ranked', async () => await board.top({ n })),
        after: async (key, n) => await board.after(key, { n }),
        around: async (key, n) => await board.around(key, { n }),
      },
    )
    const { projects: builders, next } = firstOf(rows, around)
    return { around: around ?? null, builders, next, previous: null }
  },
  title: () => 'Builders by karma',
  view: (it, { url, viewer }) => {
    const list = {
      model: 'builder_ranks',
      orderBy: ['total_karma desc', 'created_at'],
      n: ROWS,
      card: `/leaderboards/builders/{key}/row`,
    }
    return html`${boards('builders', viewer)} ${it.builders.length === 0 ? nobody(it.around) : ''}
      <ol class="entries ranks" ${it.around === null ? live(list, url) : ''}>
        ${it.builders.map((builder) => builderRow(builder, it.around ?? viewer?.id ?? null))}
      </ol>
      ${pager(url, it)}`
  },
})

type BuilderRow = z.infer<typeof rankedBuilder> & { readonly rank?: number | undefined }
const builderOnce = drawnOnce<BuilderRow>()

function builderRow(it: BuilderRow, marked: string | null): Html {
  return builderOnce(it, it.id === marked ? 'marked' : '', () => drawBuilder(it, marked))
}

const drawBuilder = (it: BuilderRow, marked: string | null): Html =>
  html`<li data-key="${it.id}" ${it.id === marked ? html`aria-current="true"` : ''}>
    <b class="rank" data-place>${it.rank ?? ''}</b>
    <div class="what">
      <p class="title">${person(it.username, it.is_verified)}</p>
      <p class="facts">
        ${counted('project_count', it.project_count, 'project')} ·
        ${counted('badges_given', it.badges_given, 'badge', ' given')} ·
        ${counted('comment_count', it.comment_count, 'comment')}
      </p>
    </div>
    ${figure('total_karma', it.total_karma, 'score')}
  </li>`

const row = { params: z.object({ id: z.uuid() }), query: z.object({}), isFragment: true } as const

/** What a board that is live shows of a row that comes in; its rank is where it stands. */
export const projectRowPage = page({
  ...row,
  path: '/leaderboards/projects/:id/row',
  feature: 'Leaderboards',
  summary: 'A project as its leaderboard has it',
  freshness: 'eventual',
  access: 'everyone',
  data: rankedProject,
  models: ['project_ranks'],
  read: async ({ store, params: { id } }) => await store.models.projectRanks.get(id),
  title: ({ title }) => title,
  view: (it) => projectRow(it, null),
})

export const builderRowPage = page({
  ...row,
  path: '/leaderboards/builders/:id/row',
  feature: 'Leaderboards',
  summary: 'A builder as the leaderboard has them',
  freshness: 'eventual',
  access: 'everyone',
  data: rankedBuilder,
  models: ['builder_ranks'],
  read: async ({ store, params: { id } }) => await store.models.builderRanks.get(id),
  title: ({ username }) => username,
  view: (it, { viewer }) => builderRow(it, viewer?.id ?? null),
})

interface Ways<Row> {
  readonly top: (n: number) => Promise<readonly Row[]>
  readonly after: (key: string, n: number) => Promise<readonly Row[]>
  readonly around: (key: string, n: number) => Promise<readonly Row[]>
}

interface Asked {
  readonly after?: string | undefined
  readonly around?: string | undefined
}

/** One more than are shown, but for those around a row. */
async function rankedRows<Row>({ after, around }: Asked, ways: Ways<Row>): Promise<readonly Row[]> {
  if (around !== undefined) return await ways.around(around, ROWS / 2 - 1)
  if (after !== undefined) return await ways.after(after, ROWS + 1)
  return await ways.top(ROWS + 1)
}

function firstOf<Row extends { readonly id: string; readonly rank: number }>(
  rows: readonly Row[],
  around: string | undefined,
): { readonly projects: Row[]; readonly next: string | null } {
  const projects = rows.slice(0, ROWS).filter((it) => around !== undefined || it.rank <= RANKED)
  const last = projects.at(-1)
  const hasMore = around === undefined && rows.length > ROWS && last !== undefined && last.rank < RANKED
  return { projects, next: hasMore ? last.id : null }
}

function boards(here: 'projects' | 'builders', viewer: Viewer | null): Html {
  const title = here === 'projects' ? 'Projects by proof score' : 'Builders by karma'
  const about =
    here === 'projects'
      ? 'Badges of validators raise the proof score. Of two with one score the older comes first.'
      : 'Karma is the sum of the proof scores of what somebody has made.'
  const own =
    viewer === null
      ? []
      : [{ href: `/leaderboards/builders?around=${viewer.id}`, text: 'Around me', isHere: false }]
  return html`<div class="head">
      <div>
        <h1>${title}</h1>
        <p>${about}</p>
      </div>
    </div>
    ${tabs('Leaderboards', [
      { href: '/leaderboards/projects', text: 'Projects', isHere: here === 'projects' },
      { href: '/leaderboards/builders', text: 'Builders', isHere: here === 'builders' },
      ...own,
    ])}`
}

function categories(chosen: string | null): Html {
  const links = CATEGORIES.map((it) => ({
    href: `/leaderboards/projects?category=${encodeURIComponent(it)}`,
    text: it,
    isHere: it === chosen,
  }))
  return tabs('Category', [
    { href: '/leaderboards/projects', text: 'all', isHere: chosen === null },
    ...links,
  ])
}

function nobody(around: string | null): Html {
  return around === null
    ? empty('Nobody is here yet', 'A project is ranked once a validator has awarded a badge to it.')
    : empty('Not ranked', 'What you look for has no place on this board yet.')
}
