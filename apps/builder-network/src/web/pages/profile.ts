import { z } from 'zod'
import { profileRow } from '../../../models/dashboards.ts'
import { asker, hasAsked } from '../has-asked.ts'
import { ago } from '../html/ago.ts'
import { avatar } from '../html/avatar.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { introForm } from '../html/intro-form.ts'
import { reportForm } from '../html/report-form.ts'
import { page } from '../page.ts'
import { roleOf } from '../viewer.ts'

const shown = profileRow.extend({
  rank: z.number().int().nullable().describe('Among all builders, by karma'),
  user_has_asked: z.boolean().describe('The viewer waits for an answer to an introduction'),
})
type Profile = z.infer<typeof shown>

/** Names are unique as they are written, and looked for however they are written. */
const PROFILE = `
  select p.*, builder_ranks_rank(p.id) as rank, ${hasAsked(2, 'p.id')} as user_has_asked
  from public_profile p
  where lower(p.username) = lower($1)
  order by p.username = $1 desc
  limit 1`

export const publicProfile = page({
  path: '/users/:username',
  feature: 'Public user profile',
  summary: 'A user: what they have made and done, their karma and their rank',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({ username: z.string().max(200) }),
  query: z.object({}),
  data: shown,
  models: ['public_profile', 'builder_ranks'],
  read: async ({ store, params: { username }, viewer }) => {
    const [found = null] = await store.rows<Profile>(PROFILE, [username, asker(viewer)])
    return found
  },
  title: ({ username }) => username,
  view: (it, { viewer }) =>
    html`<div class="head">
        <div class="row">
          ${avatar(it.username, 'large')}
          <div>
            <h1>${it.username}</h1>
            <p class="facts">
              ${roleOf({ role: it.role, isListed: it.is_listed })}${it.is_verified ? html` <span class="verified">verified</span>` : ''}
              · here since ${ago(it.created_at)}
            </p>
          </div>
        </div>
        ${
          viewer === null || viewer.id === it.id
            ? ''
            : html`<a class="button" href="/messages/${encodeURIComponent(it.username)}">Write a message</a>`
        }
      </div>
      ${it.bio === null || it.bio === '' ? '' : html`<p class="said">${it.bio}</p>`}
      ${introForm({ id: it.id, username: it.username, isAsked: it.user_has_asked }, viewer)} ${figures(it)}
      ${projects(it)}
      ${viewer === null || viewer.id === it.id ? '' : reportForm('user', it.id, `/users/${it.username}`)}`,
})

function figures(it: Profile): Html {
  const all: readonly (readonly [string, number | Html])[] = [
    ['karma', it.karma],
    [
      'rank',
      it.rank === null ? html`–` : html`<a href="/leaderboards/builders?around=${it.id}">${it.rank}</a>`,
    ],
    ['projects', it.project_count],
    ['comments', it.comment_count],
    ['badges received', it.badges_received],
    ['badges given', it.badges_given],
  ]
  return html`<dl class="stats">
    ${all.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${typeof value === 'number' ? value.toLocaleString('en-US') : value}</dd>
        </div>`,
    )}
  </dl>`
}

function projects(it: Profile): Html {
  return html`<section aria-labelledby="recent">
    <h2 id="recent">Recent projects</h2>
    ${it.recent_projects.length === 0 ? empty('No projects yet', `${it.username} has not posted anything.`) : ''}
    <ul class="entries">
      ${it.recent_projects.map(
        (one) =>
          html`<li>
            <div class="what">
              <p class="title"><a href="/projects/${one.id}">${one.title}</a></p>
              <p class="facts">${one.category} · ${ago(one.created_at)}</p>
            </div>
            <b>${one.proof_score.toLocaleString('en-US')}</b>
          </li>`,
      )}
    </ul>
  </section>`
}
