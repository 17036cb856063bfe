import { z } from 'zod'
import { CATEGORIES } from '../../words.ts'
import { choice } from '../html/choice.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { page } from '../page.ts'
import { newForm } from './new-form.ts'

const fields = z.object({
  id: z.uuid(),
  title: z.string(),
  description: z.string(),
  category: z.string(),
  proof_of_work_link: z.string().nullable(),
  image_url: z.string().nullable(),
})
type Fields = z.infer<typeof fields>

const BLANK = { title: '', description: '', category: 'other', proof_of_work_link: null, image_url: null }

export const newProject = newForm({
  path: '/projects/new',
  feature: 'My projects',
  summary: 'The form of a new project: its categories',
  title: () => 'New project',
  view: () =>
    html`<h1>New project</h1>
      ${projectForm('/projects', BLANK, 'Post it')}`,
})

export const editProject = page({
  path: '/projects/:id/edit',
  feature: 'My projects',
  summary: 'One of my projects, to be changed',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({ id: z.uuid() }),
  query: z.object({}),
  data: fields,
  models: [],
  read: async ({ store, params: { id }, viewer }) => {
    const [found] = await store.rows<Fields>(
      `select id, title, description, category, proof_of_work_link, image_url
       from projects where id = $1 and not is_deleted and (user_id = $2 or $3)`,
      [id, viewer.id, viewer.isAdmin],
    )
    return found ?? null
  },
  title: ({ title }) => `Edit ${title}`,
  view: (it) =>
    html`<h1>Edit ${it.title}</h1>
      ${projectForm(`/projects/${it.id}/edit`, it, 'Save')}`,
})

function projectForm(action: string, it: Omit<Fields, 'id'>, text: string): Html {
  return html`<form class="card form" action="${action}" method="post">
    <label>Title <input name="title" value="${it.title}" maxlength="200" required autofocus /></label>
    <label
      >Description <textarea name="description" rows="6" maxlength="10000">${it.description}</textarea>
    </label>
    ${choice('category', { label: 'Category', words: CATEGORIES, chosen: it.category })}
    <label>
      Proof of work
      <input
        name="proof_of_work_link"
        type="url"
        value="${it.proof_of_work_link ?? ''}"
        placeholder="https://"
      />
    </label>
    <label>
      Picture <input name="image_url" type="url" value="${it.image_url ?? ''}" placeholder="https://" />
    </label>
    <button>${text}</button>
  </form>`
}

const place = z.object({ id: z.uuid(), name: z.string(), has_it: z.boolean() })

/** Chains that the viewer leads; and, where the project is the viewer's, those that the viewer follows. */
const CHAINS = `
  select c.id, c.name,
         exists (select from chain_projects l where l.chain_id = c.id and l.project_id = p.id) as has_it
  from projects p
  join chains c on c.is_active and (c.creator_id = $2 or (p.user_id = $2 and exists (
    select from chain_followers f where f.chain_id = c.id and f.user_id = $2)))
  where p.id = $1 and not p.is_deleted
  order by c.name, c.id
  limit 200`

export const projectChains = page({
  path: '/projects/:id/chains',
  feature: 'Chain details',
  summary: 'The chains that I may add a project to',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({ id: z.uuid() }),
  query: z.object({}),
  data: z.object({ project: z.uuid(), chains: z.array(place) }),
  models: [],
  read: async ({ store, params: { id }, viewer }) => ({
    project: id,
    chains: [...(await store.rows<z.infer<typeof place>>(CHAINS, [id, viewer.id]))],
  }),
  title: () => 'Add to a chain',
  view: ({ project, chains }) =>
    html`<h1>Add it to a chain</h1>
      ${
        chains.length === 0
          ? empty(
              'No chain to add it to',
              'Lead one, or follow one: whoever follows a chain may add projects of their own.',
              {
                href: '/chains/new',
                text: 'Begin a chain',
              },
            )
          : ''
      }
      <ul class="entries">
        ${chains.map(
          (it) =>
            html`<li>
              <a class="what" href="/chains/${it.id}">${it.name}</a>
              ${
                it.has_it
                  ? 'has it already'
                  : html`<form action="/chains/${it.id}/projects" method="post">
                      <input type="hidden" name="project" value="${project}" />
                      <button aria-label="Add to ${it.name}">Add</button>
                    </form>`
              }
            </li>`,
        )}
      </ul>`,
})
