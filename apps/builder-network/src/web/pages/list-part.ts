import { z } from 'zod'
import { CATEGORIES } from '../../words.ts'
import type { Html } from '../html/html.ts'
import { tabs } from '../html/tabs.ts'

/** Which part of a list is asked for: all of it, or by trending what is of one category or featured. */
export const partQuery = {
  category: z.string().max(100).optional().describe('Only of this category; by trending'),
  featured: z.enum(['true', 'false']).default('false').describe('Only those that are featured; by trending'),
}

/** Which part of a list is shown. */
export const shownPart = { category: z.string().nullable(), featured: z.boolean() }

interface Asked<Sort> {
  readonly sort: Sort
  readonly category?: string | undefined
  readonly featured: 'true' | 'false'
}

interface Shown<Sort> {
  readonly sort: Sort | 'trending'
  readonly category: string | null
  readonly featured: boolean
}

/** Of a category, and of what is featured, there is one order. */
export function partOf<Sort extends string>({ sort, category = '', featured }: Asked<Sort>): Shown<Sort> {
  const isNarrow = category !== '' || featured === 'true'
  return {
    sort: isNarrow ? 'trending' : sort,
    category: category === '' ? null : category,
    featured: category === '' && featured === 'true',
  }
}

/** The categories of the list at `path`. */
export function categoryTabs(path: string, category: string | null): Html {
  const links = CATEGORIES.map((it) => ({
    href: `${path}?category=${encodeURIComponent(it)}`,
    text: it,
    isHere: it === category,
  }))
  return tabs('Category', links)
}
