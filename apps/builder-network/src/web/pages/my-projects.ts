import { z } from 'zod'
import { cursorQuery, cursors } from '../cursors.ts'
import { ago } from '../html/ago.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { own } from '../html/own.ts'
import { pager } from '../html/pager.ts'
import { listRows, NEWEST_FIRST } from '../keyset.ts'
import { page } from '../page.ts'

const ROWS = 20

const project = z.object({
  id: z.string(),
  title: z.string(),
  category: z.string(),
  proof_score: z.number(),
  is_deleted: z.boolean(),
  created_at: z.string(),
  upvote_count: z.number().nullable().describe('Of what is visible, as with the other counts'),
  comment_count: z.number().nullable(),
  badge_count: z.number().nullable(),
})

type Project = z.infer<typeof project>

const MINE = `
  select id, title, category, proof_score, is_deleted, created_at
  from projects
  where user_id = $1`

export const myProjects = page({
  path: '/me/projects',
  feature: 'My projects',
  summary: 'The viewer’s projects, hidden ones too, the newest first',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object(cursorQuery),
  data: z.object({ projects: z.array(project), ...cursors }),
  models: [],
  read: async ({ store, query, viewer }) => {
    const { rows, next, previous } = await listRows<Omit<Project, `${string}_count`>>(
      store,
      {
        select: MINE,
        values: [viewer.id],
        n: ROWS,
        order: NEWEST_FIRST,
      },
      query,
    )
    const counts = await store.models.feed.strict.getMany(rows.map(({ id }) => id))
    const projects = rows.map((it, i) => ({
      ...it,
      upvote_count: counts[i]?.upvote_count ?? null,
      comment_count: counts[i]?.comment_count ?? null,
      badge_count: counts[i]?.badge_count ?? null,
    }))
    return { projects, next, previous }
  },
  title: () => 'My projects',
  view: (it, { url }) =>
    html`<div class="head">
        <h1>My projects</h1>
        <a class="button" href="/projects/new">Post a project</a>
      </div>
      ${own('my-projects', url, it.projects.length === 0 ? nothing() : table(it.projects))} ${pager(url, it)}`,
})

function nothing(): Html {
  return empty('Nothing here yet', 'Post what you are working on: others vote, comment and award badges.', {
    href: '/projects/new',
    text: 'Post a project',
  })
}

function table(projects: readonly Project[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="My projects">
    <table>
      <thead>
        <tr>
          <th scope="col">Project</th>
          <th scope="col">Posted</th>
          <th scope="col" class="number">Votes</th>
          <th scope="col" class="number">Comments</th>
          <th scope="col" class="number">Badges</th>
          <th scope="col" class="number">Score</th>
          <th scope="col"><span class="visually-hidden">What to do</span></th>
        </tr>
      </thead>
      <tbody>
        ${projects.map(row)}
      </tbody>
    </table>
  </div>`
}

function row(it: Project): Html {
  return html`<tr>
    <th scope="row" class="title">
      ${it.is_deleted ? html`${it.title} <span class="tag">hidden</span>` : html`<a href="/projects/${it.id}">${it.title}</a>`}
    </th>
    <td class="muted">${ago(it.created_at)}</td>
    <td class="number">${it.upvote_count ?? '–'}</td>
    <td class="number">${it.comment_count ?? '–'}</td>
    <td class="number">${it.badge_count ?? '–'}</td>
    <td class="number">${it.proof_score}</td>
    <td>${buttons(it)}</td>
  </tr>`
}

function buttons({ id, title, is_deleted }: Project): Html {
  const path = is_deleted ? 'restore' : 'delete'
  return html`<div class="row">
    ${
      is_deleted
        ? ''
        : html`<a class="button quiet small" href="/projects/${id}/edit" aria-label="Edit ${title}">Edit</a>`
    }
    <form action="/projects/${id}/${path}" method="post">
      <input type="hidden" name="back" value="/me/projects" />
      <button
        class="${is_deleted ? 'quiet' : 'danger'} small"
        aria-label="${is_deleted ? 'Show' : 'Hide'} ${title}"
      >
        ${is_deleted ? 'Show again' : 'Hide'}
      </button>
    </form>
  </div>`
}
