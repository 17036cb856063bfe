import type { z } from 'zod'
import type { shownProject } from '../pages/feed.ts'
import type { Viewer } from '../viewer.ts'
import { ago } from './ago.ts'
import { drawnOnce } from './drawn-once.ts'
import { counted, figure } from './figure.ts'
import { html, type Html } from './html.ts'
import { UP } from './icons.ts'
import { person } from './person.ts'

type Project = z.infer<typeof shownProject>

interface Seen {
  readonly viewer: Viewer | null
  /** The page that a vote returns to. */
  readonly back: string
}

const once = drawnOnce<Project>()

/** A project in a list. It looks the same to everybody who is signed in. */
export function projectCard(it: Project, seen: Seen): Html {
  return once(it, `${seen.viewer === null ? 'stranger' : 'viewer'} ${seen.back}`, () => drawCard(it, seen))
}

function drawCard(it: Project, { viewer, back }: Seen): Html {
  return html`<li class="card project" id="project-${it.id}" data-key="${it.id}">
    ${voteButton(it, viewer, back)}
    <div>
      <h2><a href="/projects/${it.id}" data-field="title">${it.title}</a></h2>
      <p class="said cut-3" data-field="description">${it.description}</p>
      <p class="facts">
        ${person(it.username, it.is_verified)} ·
        <a href="/?category=${encodeURIComponent(it.category)}">${it.category}</a> · ${ago(it.created_at)} ·
        ${counted('comment_count', it.comment_count, 'comment')} ·
        ${counted('badge_count', it.badge_count, 'badge')} ·
        <span class="figure">score ${figure('proof_score', it.proof_score)}</span>
        ${it.is_featured ? html`· <span class="tag">featured</span>` : ''}
      </p>
    </div>
  </li>`
}

function voteButton(
  it: Pick<Project, 'id' | 'title' | 'upvote_count' | 'user_has_upvoted'>,
  viewer: Viewer | null,
  back: string,
): Html {
  const count = figure('upvote_count', it.upvote_count)
  if (viewer === null)
    return html`<a class="vote" href="/sign-in?to=${encodeURIComponent(back)}"
      ><span class="visually-hidden">Sign in to vote for ${it.title}</span>${UP} ${count}</a
    >`
  const path = it.user_has_upvoted ? 'vote/back' : 'vote'
  const label = it.user_has_upvoted ? 'Take the vote back' : 'Vote up'
  return html`<form class="vote" action="/projects/${it.id}/${path}" method="post">
    <input type="hidden" name="back" value="${back}" />
    <button aria-pressed="${it.user_has_upvoted ? 'true' : 'false'}">
      <span class="visually-hidden">${label}: ${it.title}</span>${UP} ${count}
    </button>
  </form>`
}
