import { z } from 'zod'
import { html } from '../html/html.ts'
import { page } from '../page.ts'

export const feedback = page({
  path: '/feedback',
  feature: null,
  summary: 'The form for feedback',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object({ thanks: z.literal('1').optional() }),
  data: z.object({ is_sent: z.boolean() }),
  models: [],
  read: ({ query }) => Promise.resolve({ is_sent: query.thanks !== undefined }),
  title: () => 'Feedback',
  view: (it) =>
    html`<div class="narrow form">
      <h1>Tell us what you think</h1>
      ${it.is_sent ? html`<p class="notice" role="status">Thank you: an administrator will read it.</p>` : ''}
      <form class="card form" action="/feedback" method="post">
        <label
          >What should be better? What should stay?
          <textarea name="message" rows="6" required maxlength="5000"></textarea>
        </label>
        <button>Send</button>
      </form>
    </div>`,
})
