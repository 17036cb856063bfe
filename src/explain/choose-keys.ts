import { analyze } from '../analyze/analyze.ts'
import { normalize } from '../analyze/normalize/normalize.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import { suggest } from '../define/suggest.ts'
import { MillraceError } from '../errors.ts'
import { keysOfSelect } from './keys/candidate-keys.ts'
import { missingForKey } from './keys/missing.ts'

/** Output columns that could be the key. */
export interface Candidate {
  readonly columns: readonly string[]
  readonly because: string
  /** Null: it can be traced to the tables. Else the code of the refusal that this key meets. */
  readonly refusedBy: string | null
}

/** Only so many are tried; a query of which more are known has simpler ones before. */
const MAX_CANDIDATES = 8

/** The key that was given, or those that the catalog proves, the simplest first; and what to add where there is none. */
export function chooseKeys(
  query: CanonicalQuery,
  given?: readonly string[],
): { readonly candidates: readonly Candidate[]; readonly missing: readonly string[] } {
  const names = query.columns.map(({ name }) => name)
  const select = normalize(query)
  const known = keysOfSelect(query, select).keys.map((key) => key.map((i) => names[i] ?? ''))
  if (given !== undefined) {
    requireColumns(given, names)
    const isProved = known.some((key) => key.every((it) => given.includes(it)))
    const because = isProved
      ? PROVED
      : 'given; nothing in the catalog says that it is unique, so two rows of one key would be refused when it is installed'
    const others = known.filter((key) => String(key.toSorted()) !== String(given.toSorted()))
    return { candidates: [judge(query, given, because), ...sorted(query, others)], missing: [] }
  }
  const candidates = sorted(query, known)
  return { candidates, missing: candidates.length > 0 ? [] : missing(query, known) }

  function missing(all: CanonicalQuery, keys: readonly (readonly string[])[]): readonly string[] {
    return keys.some((key) => key.length === 0)
      ? ['It has one row: add a constant column, such as 1 as id, or a GROUP BY.']
      : missingForKey(all, select)
  }
}

const PROVED = 'unique by the indexes of its tables, or by GROUP BY or DISTINCT'

function requireColumns(given: readonly string[], names: readonly string[]): void {
  const unknown = given.find((it) => !names.includes(it))
  if (unknown === undefined) return
  throw new MillraceError('KEY_UNKNOWN', {
    detail: `"${unknown}" is not one of ${names.join(', ')}`,
    hint: suggest(unknown, names),
  })
}

/** Those that can be kept first, then fewer columns, then smaller types, then the order of the select list. */
function sorted(query: CanonicalQuery, keys: readonly (readonly string[])[]): readonly Candidate[] {
  const isSortable = (name: string) => query.columns.find((it) => it.name === name)?.sortable === true
  return keys
    .filter((key) => key.length > 0 && key.every(isSortable))
    .toSorted((a, b) => a.length - b.length || weightOf(query, a) - weightOf(query, b))
    .slice(0, MAX_CANDIDATES)
    .map((key) => judge(query, key, PROVED))
    .toSorted((a, b) => Number(a.refusedBy !== null) - Number(b.refusedBy !== null))
}

function judge(query: CanonicalQuery, columns: readonly string[], because: string): Candidate {
  const outcome = analyze(query, columns)
  return {
    columns,
    because,
    refusedBy: outcome.kind === 'refused' ? (outcome.refusals[0]?.code ?? null) : null,
  }
}

/** Numbers and uuids before dates, dates before text, text before everything else. */
const LIGHT: readonly RegExp[] = [
  /^(smallint|integer|bigint|uuid)$/,
  /^(date|timestamp|boolean)/,
  /^(text|char|public\.)/,
]

function weightOf({ columns }: CanonicalQuery, key: readonly string[]): number {
  const types = key.map((name) => columns.find((it) => it.name === name)?.type ?? '')
  return Math.max(
    ...types.map((type) => (LIGHT.findIndex((it) => it.test(type)) + LIGHT.length + 1) % (LIGHT.length + 1)),
  )
}
