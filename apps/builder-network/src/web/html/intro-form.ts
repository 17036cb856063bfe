import { mayUse, type Viewer } from '../viewer.ts'
import { html, type Html } from './html.ts'

interface Asked {
  readonly id: string
  readonly username: string
  /** What the investor has seen of them. */
  readonly project?: string
  /** They have not answered the viewer's last question yet. */
  readonly isAsked: boolean
}

/** By which an investor asks a builder to meet; nothing for everybody else. */
export function introForm({ id, username, project, isAsked }: Asked, viewer: Viewer | null): Html {
  if (!mayUse('investor', viewer) || viewer?.id === id) return html``
  if (isAsked)
    return html`<p class="muted">
      You have asked ${username} for an introduction: <a href="/intros?box=sent">not answered yet</a>.
    </p>`
  return html`<details class="fold">
    <summary>Ask for an introduction</summary>
    <form class="form" action="/intros" method="post">
      <input type="hidden" name="builder_id" value="${id}" />
      ${project === undefined ? '' : html`<input type="hidden" name="project_id" value="${project}" />`}
      <label
        >What would you like to talk about?
        <textarea name="message" rows="3" maxlength="2000" required></textarea>
      </label>
      <button>Ask ${username}</button>
    </form>
  </details>`
}
