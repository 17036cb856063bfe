import { CATEGORIES } from '../../../words.ts'
import { choice } from '../../html/choice.ts'
import { html } from '../../html/html.ts'
import { newForm } from '../new-form.ts'

export const newChain = newForm({
  path: '/chains/new',
  feature: 'Chains list',
  summary: 'The form of a new chain: its categories',
  title: () => 'New chain',
  view: () =>
    html`<h1>New chain</h1>
      <form class="card form" action="/chains" method="post">
        <label>Name <input name="name" maxlength="200" required autofocus /></label>
        <label>Description <textarea name="description" rows="4" maxlength="10000"></textarea></label>
        ${choice('category', { label: 'Category', words: CATEGORIES })}
        <label><input type="checkbox" name="is_private" /> Private: only for me</label>
        <button>Begin it</button>
      </form>`,
})
