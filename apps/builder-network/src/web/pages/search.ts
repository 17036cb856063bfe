import { z } from 'zod'
import { searchRow } from '../../../models/search.ts'
import { empty } from '../html/empty.ts'
import { html, type Html } from '../html/html.ts'
import { person } from '../html/person.ts'
import { tabs } from '../html/tabs.ts'
import { page } from '../page.ts'

const ROWS = 20
const SUGGESTED = 4

const TYPES = { project: 'Projects', user: 'People', chain: 'Chains' } as const
type Result = z.infer<typeof searchRow>

/**
 * What name holds the words $1, or nearly, or begins a word with them ($2 and $3, as patterns). The trigrams serve all three; how near is
 * near enough is a setting of the store's connections.
 */
const NAMED = '($1 <% s.name or s.name ilike $2 or s.name ilike $3)'

/** Of the words $1, and once: a generic plan would make it of them anew for each row that has them, to rank it. */
const WORDS = `(select plainto_tsquery('english', $1))`

/**
 * The plan's search: what has the words, by the rank of the text and then by relevance. Only where that is not a page full are names looked
 * through that are nearly so, or begin so, and they come behind it.
 *
 *     CTE found
 *       ->  Bitmap Index Scan on idx_search_vector
 *     ->  Result  (One-Time Filter: fewer than a page were found)
 *           ->  Bitmap Index Scan on idx_search_name_trgm
 */
export const SEARCH = `
  with found as materialized (
    select s.*, ts_rank(s.search_vector, ${WORDS}) as rank, 1::real as likeness
    from mv_search_index s
    where s.search_vector @@ ${WORDS} and ($4::text is null or s.result_type = $4)
    order by rank desc, s.relevance_score desc, s.id
    limit ${String(ROWS)}
  ), alike as (
    select s.*, 0::real as rank, word_similarity($1, s.name) as likeness
    from mv_search_index s
    where (select count(*) from found) < ${String(ROWS)} and ${NAMED} and ($4::text is null or s.result_type = $4)
      and not exists (select from found f where f.result_type = s.result_type and f.id = s.id)
    order by likeness desc, s.relevance_score desc, s.id
    limit ${String(ROWS)}
  )
  select result_type, id, name, description, image_url, created_at, user_id, creator_username, relevance_score
  from (select * from found union all select * from alike) as s
  order by rank desc, likeness desc, relevance_score desc, id
  limit ${String(ROWS)}`

/** The best of each kind, by name alone: who types has not finished the word yet. */
export const SUGGESTIONS = `
  select f.result_type, f.id, f.name, f.creator_username
  from (
    select s.result_type, s.id, s.name, s.creator_username,
           row_number() over (partition by s.result_type
                              order by s.name ilike $2 desc, word_similarity($1, s.name) desc, s.relevance_score desc, s.id) as place
    from mv_search_index s
    where ${NAMED}
  ) f
  where f.place <= ${String(SUGGESTED)}
  order by f.result_type = 'chain', f.result_type = 'user', f.place`

/** The words, and the patterns of a name that begins with them and of one in which a word does. */
export function asked(q: string): readonly [string, string, string] {
  const escaped = q.replaceAll(/[\\%_]/g, '\\$&')
  return [q, `${escaped}%`, `% ${escaped}%`]
}

const words = z.string().trim().max(200).default('')

export const search = page({
  path: '/search',
  feature: 'Search',
  summary: 'Projects, people and chains by words of theirs, or by names that are nearly so; the best twenty',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({}),
  query: z.object({ q: words, type: z.enum(['project', 'user', 'chain']).or(z.literal('')).default('') }),
  data: z.object({
    q: z.string(),
    type: z.enum(['project', 'user', 'chain']).nullable(),
    results: z.array(searchRow),
  }),
  models: ['mv_search_index'],
  read: async ({ store, share, query: { q, type: chosen } }) => {
    const type = chosen === '' ? null : chosen
    if (q === '') return { q, type, results: [] }
    const read = async () => await store.rows<Result>(SEARCH, [...asked(q), type])
    return { q, type, results: [...(await share(`search ${JSON.stringify([q, type])}`, read))] }
  },
  title: ({ q }) => (q === '' ? 'Search' : `Search for ${q}`),
  view: ({ q, type, results }) =>
    html`<h1>${q === '' ? 'Search' : html`Search for “${q}”`}</h1>
      ${kinds(q, type)} ${results.length === 0 ? nothing(q) : ''}
      <ol class="cards">
        ${results.map(resultCard)}
      </ol>`,
})

function kinds(q: string, type: Result['result_type'] | null): Html {
  const href = (of: string) =>
    `/search?${new URLSearchParams({ q, ...(of !== '' && { type: of }) }).toString()}`
  const links = Object.entries(TYPES).map(([of, text]) => ({ href: href(of), text, isHere: of === type }))
  return tabs('Kind', [{ href: href(''), text: 'All', isHere: type === null }, ...links])
}

function nothing(q: string): Html {
  return q === ''
    ? empty('What are you looking for?', 'Write some words, or the beginning of a name, at the top.')
    : empty(
        'Nothing found',
        'Try fewer words, or other ones. A letter may be wrong, a word may be unfinished.',
      )
}

function resultCard(it: Result): Html {
  return html`<li class="card">
    <h2><a href="${addressOf(it)}">${it.name}</a></h2>
    <p class="said cut-3">${it.description}</p>
    <p class="facts">
      <span class="tag">${it.result_type}</span>
      ${it.result_type === 'user' ? '' : html`by ${person(it.creator_username)}`}
    </p>
  </li>`
}

function addressOf({ result_type, id, name }: Pick<Result, 'result_type' | 'id' | 'name'>): string {
  if (result_type === 'user') return `/users/${encodeURIComponent(name)}`
  return `/${result_type}s/${id}`
}

const suggestion = searchRow.pick({ result_type: true, id: true, name: true, creator_username: true })
type Suggestion = z.infer<typeof suggestion>

export const suggestions = page({
  path: '/search/suggestions',
  feature: 'Search',
  summary: 'Names that begin with what is being typed, or nearly so: the best four of each kind',
  freshness: 'eventual',
  access: 'everyone',
  params: z.object({}),
  query: z.object({ q: words.describe('Two letters at least') }),
  data: z.object({ suggestions: z.array(suggestion) }),
  models: ['mv_search_index'],
  isFragment: true,
  read: async ({ store, query: { q } }) => ({
    suggestions: q.length < 2 ? [] : [...(await store.rows<Suggestion>(SUGGESTIONS, [...asked(q)]))],
  }),
  title: () => 'Suggestions',
  view: ({ suggestions: all }) =>
    html`${Object.entries(TYPES).map(([type, title]) => {
      const found = all.filter((it) => it.result_type === type)
      return found.length === 0
        ? ''
        : html`<h2>${title}</h2>
            <ul>
              ${found.map((it) => html`<li><a href="${addressOf(it)}">${it.name}</a></li>`)}
            </ul>`
    })}`,
})
