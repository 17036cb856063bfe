import type { Viewer } from '../viewer.ts'
import { html, type Html } from './html.ts'
import { DOWN, UP } from './icons.ts'

interface Voted {
  /** Votes are sent to `<action>/vote`, and taken back at `<action>/vote/back`. */
  readonly action: string
  readonly back: string
  readonly user_has_upvoted: boolean
  readonly user_has_downvoted: boolean
}

/** A vote up and a vote down, of which the viewer may give one. */
export function votes({ action, back, ...given }: Voted, viewer: Viewer | null): Html {
  if (viewer === null)
    return html`<p><a href="/sign-in?to=${encodeURIComponent(back)}">Sign in to vote</a></p>`
  const vote = (text: string, icon: Html, up: boolean, isGiven: boolean) =>
    html`<form action="${action}/vote${isGiven ? '/back' : ''}" method="post">
      <input type="hidden" name="back" value="${back}" />
      ${isGiven ? '' : html`<input type="hidden" name="up" value="${String(up)}" />`}
      <button class="quiet small" aria-pressed="${String(isGiven)}">${icon} ${text}</button>
    </form>`
  return html`<div class="row votes">
    ${vote('Vote up', UP, true, given.user_has_upvoted)}
    ${vote('Vote down', DOWN, false, given.user_has_downvoted)}
  </div>`
}
