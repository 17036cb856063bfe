import { html, type Html } from './html.ts'

export type Subject = 'project' | 'comment' | 'user' | 'chain' | 'post'

/** Tells the administrators of something. */
export function reportForm(subject: Subject, id: string, back: string): Html {
  return html`<details class="fold">
    <summary>Report</summary>
    <form class="form" action="/reports" method="post">
      <input type="hidden" name="subject" value="${subject}" />
      <input type="hidden" name="subject_id" value="${id}" />
      <input type="hidden" name="back" value="${back}" />
      <label
        >What is wrong with it? <textarea name="reason" rows="2" maxlength="10000" required></textarea>
      </label>
      <button>Report it</button>
    </form>
  </details>`
}
