import { z } from 'zod'
import { CATEGORIES } from '../../words.ts'
import { page, type Page, type PageSpec } from '../page.ts'

const nothing = z.object({})
const data = z.object({ categories: z.array(z.string()) })

type NewFormSpec = Pick<
  PageSpec<'signed-in', typeof nothing, typeof nothing, typeof data>,
  'path' | 'feature' | 'summary' | 'title' | 'view'
>

/** A page with the form of something new; a program needs the categories of it. */
export function newForm(spec: NewFormSpec): Page {
  return page({
    ...spec,
    freshness: 'real-time',
    access: 'signed-in',
    params: nothing,
    query: nothing,
    data,
    models: [],
    read: async () => await Promise.resolve({ categories: CATEGORIES }),
  })
}
