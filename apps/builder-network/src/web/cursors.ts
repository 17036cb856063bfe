import { z } from 'zod'

/** Where a page of a list begins: at most one of them. */
export const cursorQuery = {
  after: z.string().max(2000).optional().describe('`next` of the page before'),
  before: z.string().max(2000).optional().describe('`previous` of the page behind'),
}

/** The cursors of a page of a list. */
export const cursors = {
  next: z.string().nullable().describe('For the page behind this one; null: there is none'),
  previous: z.string().nullable().describe('For the page before this one; null: this is the first'),
}
