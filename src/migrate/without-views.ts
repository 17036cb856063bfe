import { normalize } from '../analyze/normalize/normalize.ts'
import { findUnsupported } from '../analyze/unsupported.ts'
import { canonicalize, canonicalizeAgain, type CanonicalizeOptions } from '../catalog/canonicalize.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { Client } from '../pg/client.ts'
import { pinClocks } from '../sql/clock.ts'
import { parseSelect } from '../sql/parse.ts'

type Read = Omit<CanonicalizeOptions, 'searchPath'>

/** What a view says has to be in the query itself, or it could not be replaced. */
export async function withoutViews(
  client: Client,
  query: CanonicalQuery,
  options: Read,
): Promise<CanonicalQuery> {
  if (viewsOf(query).length === 0) return query
  // The names of read models are views too, and stay.
  const relations = query.relations.map((it) =>
    it.readModel === undefined ? it : { ...it, definition: null },
  )
  return await canonicalizeAgain(client, query, normalize({ ...query, relations }), options)
}

/**
 * Reads a query that names no settings. A view that compares with the clock would tell the time in the zone of whoever reads, so
 * it is written into the query, where the clock is told in UTC.
 */
export async function readInUtc(
  client: Client,
  userText: string,
  options: CanonicalizeOptions = {},
): Promise<CanonicalQuery> {
  const query = await canonicalize(client, userText, options)
  const tellTime = viewsOf(query).some((it) => pinClocks(parseSelect(it)) !== undefined)
  if (!tellTime || findUnsupported(parseSelect(query.text)).length > 0) return query
  return await withoutViews(client, query, options)
}

/** Definitions of the views that a query reads, those of read models left out. */
function viewsOf({ relations }: CanonicalQuery): readonly string[] {
  return relations.flatMap(({ definition, readModel }) =>
    definition === null || readModel !== undefined ? [] : [definition],
  )
}
