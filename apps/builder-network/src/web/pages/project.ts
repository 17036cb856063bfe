import { z } from 'zod'
import { detailsRow } from '../../../models/project-details.ts'
import { BADGES } from '../../words.ts'
import { cursorQuery, cursors } from '../cursors.ts'
import { asker, hasAsked } from '../has-asked.ts'
import { ago } from '../html/ago.ts'
import { choice } from '../html/choice.ts'
import { counted, figure } from '../html/figure.ts'
import { html, type Html } from '../html/html.ts'
import { introForm } from '../html/intro-form.ts'
import { livePart, liveRow } from '../html/live.ts'
import { outside } from '../html/outside.ts'
import { person } from '../html/person.ts'
import { press } from '../html/press.ts'
import { reportForm } from '../html/report-form.ts'
import { votes } from '../html/votes.ts'
import { page } from '../page.ts'
import { mayUse, type Viewer } from '../viewer.ts'
import { comment, commentSection, commentsOn } from './comments.ts'

const FEW_BADGES = 5

const shown = detailsRow.extend({
  user_has_upvoted: z.boolean(),
  user_has_downvoted: z.boolean(),
  said_count: z.number().describe('Comments, and answers to them'),
  user_has_asked: z.boolean().describe('The viewer waits for an answer of its builder to an introduction'),
})
type Project = z.infer<typeof shown>

/** The project with the viewer's vote, which the key of the votes finds. */
const PROJECT = `
  select d.*, coalesce(v.is_upvote, false) as user_has_upvoted, coalesce(not v.is_upvote, false) as user_has_downvoted,
         ${hasAsked(3, 'd.user_id')} as user_has_asked, coalesce(n.said_count, 0) as said_count
  from mv_project_details d
  left join project_discussions n on n.project_id = d.id
  left join upvotes v on v.project_id = d.id and v.user_id = $2
  where d.id = $1`

export const project = page({
  path: '/projects/:id',
  feature: 'Project details',
  summary: 'A project, with its badges, its chains and what is said of it, twenty comments at a time',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ id: z.uuid() }),
  query: z.object(cursorQuery),
  data: z.object({ project: shown, comments: z.array(comment), ...cursors }),
  models: ['mv_project_details', 'project_discussions'],
  read: async ({ store, params: { id }, query, viewer }) => {
    const [[found], { rows, ...ends }] = await Promise.all([
      store.rows<Project>(PROJECT, [id, viewer?.id ?? null, asker(viewer)]),
      commentsOn(store, { kind: 'project', id }, query),
    ])
    return found === undefined ? null : { project: found, comments: rows, ...ends }
  },
  title: ({ project }) => project.title,
  view: ({ project: it, comments, ...ends }, { viewer, url }) => {
    const back = `${url.pathname}${url.search}`
    const here = `/projects/${it.id}`
    return html`<article class="page" ${liveRow('mv_project_details', it.id)}>
        ${head(it)} ${votes({ ...it, action: here, back }, viewer)}
        <p class="said" data-field="description">${it.description}</p>
        ${livePart('awards', url, html`${badges(it, viewer, back)} ${chains(it, viewer)}`, {
          shows: { badges_json: it.badges_json, chains_json: it.chains_json },
        })}
        ${about(it)}
        ${introForm({ id: it.user_id, username: it.username, project: it.id, isAsked: it.user_has_asked }, viewer)}
        ${tools(it, viewer)}
      </article>
      ${commentSection({
        ...{ url, comments, ends, viewer, back, action: `${here}/comments`, canDelete: true },
        follows: {
          row: liveRow('project_discussions', it.id),
          // There is no row where nothing is said.
          shows: { said_count: it.said_count === 0 ? null : it.said_count },
        },
      })}`
  },
})

function head(it: Project): Html {
  return html`<header>
    <h1 data-field="title">${it.title}</h1>
    <p class="facts">
      ${person(it.username, it.is_verified)} ·
      <a href="/?category=${encodeURIComponent(it.category)}">${it.category}</a> · ${ago(it.created_at)} ·
      <a class="figure" href="/leaderboards/projects?around=${it.id}"
        >score ${figure('proof_score', it.proof_score)}</a
      >
      · ${counted('vote_count', it.vote_count, 'vote')} ·
      ${counted('comment_count', it.comment_count, 'comment')} ·
      ${counted('badge_count', it.badge_count, 'badge')}
    </p>
    <p>${outside(it.proof_of_work_link, 'Proof of work')}</p>
    ${
      it.image_url !== null && it.image_url.startsWith('https://')
        ? html`<img class="picture" src="${it.image_url}" alt="" loading="lazy" />`
        : ''
    }
  </header>`
}

function badges(it: Project, viewer: Viewer | null, back: string): Html {
  const mayAward = mayUse('validator', viewer) && viewer?.id !== it.user_id
  return html`<section aria-labelledby="badges">
    <h2 id="badges">Badges</h2>
    ${it.badges_json.length === 0 ? html`<p class="muted">No validator has looked at it yet.</p>` : awarded(it, viewer, back)}
    ${
      mayAward
        ? html`<form class="row" action="/projects/${it.id}/badges" method="post">
            ${choice('badge_type', { label: 'Badge', words: BADGES })} <button>Award</button>
          </form>`
        : ''
    }
  </section>`
}

/** Where there are many: how many of each kind, and who has awarded them folded away. */
function awarded({ badges_json: all }: Project, viewer: Viewer | null, back: string): Html {
  const list = html`<ul class="entries">
    ${all.map(
      (badge) =>
        html`<li id="badge-${badge.id}">
          <p class="what">
            ${badgeOf(badge.badge_type)} by ${person(badge.validator_username)}, ${ago(badge.created_at)}
          </p>
          ${viewer?.id === badge.validator_id ? press({ action: `/badges/${badge.id}/back`, text: 'Take back', back }) : ''}
        </li>`,
    )}
  </ul>`
  if (all.length <= FEW_BADGES) return list
  return html`<ul class="row plain">
      ${BADGES.flatMap((kind) => {
        const n = all.filter((it) => it.badge_type === kind).length
        return n === 0 ? [] : [html`<li>${badgeOf(kind)} × ${n}</li>`]
      })}
    </ul>
    <details class="fold">
      <summary>Who has awarded them</summary>
      ${list}
    </details>`
}

function badgeOf(kind: string): Html {
  return html`<span class="badge" data-badge="${kind}">${kind}</span>`
}

function chains(it: Project, viewer: Viewer | null): Html {
  if (it.chains_json.length === 0 && viewer === null) return html``
  return html`<section aria-labelledby="chains">
    <h2 id="chains">In chains</h2>
    ${it.chains_json.length === 0 ? html`<p class="muted">It is in no chain yet.</p>` : ''}
    <ul class="row plain">
      ${it.chains_json.map((chain) => html`<li><a class="tag" href="/chains/${chain.id}">${chain.name}</a></li>`)}
    </ul>
    ${viewer === null ? '' : html`<p><a href="/projects/${it.id}/chains">Add it to a chain</a></p>`}
  </section>`
}

function about(it: Project): Html {
  if (it.creator_bio === null || it.creator_bio === '') return html``
  return html`<section aria-labelledby="maker">
    <h2 id="maker">Made by</h2>
    <p>${person(it.username, it.is_verified)}: ${it.creator_bio}</p>
  </section>`
}

function tools(it: Project, viewer: Viewer | null): Html {
  if (viewer === null) return html``
  const isOwn = viewer.id === it.user_id || viewer.isAdmin
  return html`<div class="row">
    ${
      isOwn
        ? html`<a class="button quiet small" href="/projects/${it.id}/edit">Edit</a>
            ${press({ action: `/projects/${it.id}/delete`, text: 'Delete', back: '/me/projects' })}`
        : ''
    }
    ${viewer.id === it.user_id ? '' : reportForm('project', it.id, `/projects/${it.id}`)}
  </div>`
}
