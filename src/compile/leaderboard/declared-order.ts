import type { OutputColumn } from '../../catalog/catalog.ts'
import { MillraceError } from '../../errors.ts'
import type { Plan, UnitColumn } from '../plan.ts'
import type { GroupColumn, PlaceColumn } from './order.ts'

/** What a leaderboard declares beside its query. */
export interface RankDeclaration {
  /** An output column, with `asc` or `desc`. */
  readonly score: string
  readonly ties: readonly string[]
  /** Lists of output columns within whose values rows are ranked too. */
  readonly within: readonly (readonly string[])[]
  /** Rows of a leaf of the rank tree; for tests, which make it small. */
  readonly bucket?: number | undefined
}

/** A column that rows may be ordered by. */
type OrderedColumn = Pick<OutputColumn, 'name' | 'type' | 'collation' | 'sortable'>

interface Given {
  readonly declaration: RankDeclaration
  readonly key: readonly string[]
  readonly unit: readonly UnitColumn[]
  readonly outputs: readonly OrderedColumn[]
  readonly decays?: Plan['decays']
}

/** The order of the ranks (score, ties, then the key: no two rows have one place), and the groups that have their own. */
export function rankOrder(given: Given): {
  readonly places: readonly PlaceColumn[]
  /** The first is that of all rows. */
  readonly lists: readonly (readonly GroupColumn[])[]
} {
  const { declaration, key } = given
  const columns = orderedColumns(given)
  const entries = [declaration.score, ...declaration.ties].map(entryOf)
  const twice = entries.find(({ name }, i) => entries.findIndex((it) => it.name === name) !== i)
  if (twice !== undefined) throw bad(`${twice.name} is named twice among score and ties`, 'Name it once.')
  if (columns.some(({ name }) => name === 'rank'))
    throw bad('the query has a column "rank"', 'Give it another name: answers have a column of that name.')

  const rest = key.filter((name) => !entries.some((it) => it.name === name))
  const all = [...entries, ...rest.map((name) => ({ name, isDescending: false }))]
  const places = all.map(({ name, isDescending }, i) =>
    placeOf(given, orderedColumn(columns, rankedBy(given, name)), isDescending, i),
  )
  const lists = [[], ...declaration.within].map((list) => groupsOf(columns, list))
  const names = lists.map((list) => list.map(({ column }) => column).join('_'))
  if (new Set(names).size < names.length)
    throw bad('"within" names one list twice', 'Name each list of columns once.')
  return { places, lists }
}

/** Rows are in the order of a decayed score at any moment if they are in that of its rank key. */
function rankedBy({ decays = [] }: Given, name: string): string {
  return decays.find(({ column }) => column === name)?.rankKey ?? name
}

function orderedColumns({ outputs, decays = [] }: Given): readonly OrderedColumn[] {
  const parts = decays.flatMap(({ score, at }) => [score, at])
  const keys = decays.map(({ rankKey }) => ({
    name: rankKey,
    type: 'numeric',
    collation: null,
    sortable: true,
  }))
  return [...outputs.filter(({ name }) => !parts.includes(name)), ...keys]
}

function placeOf(
  { unit, declaration }: Given,
  column: OrderedColumn,
  isDescending: boolean,
  i: number,
): PlaceColumn {
  const { name } = column
  const isScore = i === 0
  const isNullable = !unit.some((it) => it.name === name && !it.nullable)
  // A score is never null in the tree. A type of an extension has its operators where a safe search_path does not look.
  const isWrapped = (isNullable && !isScore) || column.type.includes('.')
  if (column.type.endsWith(']'))
    throw bad(`${name} is an array`, `Rank by plain values: ${declaration.score} and the like.`)
  return {
    column: name,
    name: `p${String(i + 1)}`,
    type: isWrapped ? `${column.type}[]` : column.type,
    collation: column.collation,
    isDescending,
    isWrapped,
  }
}

function groupsOf(columns: readonly OrderedColumn[], list: readonly string[]): readonly GroupColumn[] {
  return list.map((name, i) => {
    const { type, collation } = orderedColumn(columns, name)
    return { column: name, name: `g${String(i + 1)}`, type, collation }
  })
}

function orderedColumn(columns: readonly OrderedColumn[], name: string): OrderedColumn {
  const column = columns.find((it) => it.name === name)
  if (column === undefined) {
    const names = columns.map((it) => it.name).join(', ')
    throw bad(`the query has no column ${name}`, `Name one of its columns: ${names}.`)
  }
  if (!column.sortable)
    throw bad(`${name} has the type ${column.type}, which has no order`, 'Rank by another column.')
  return column
}

/** `points desc` and `"Points" desc`, as in ORDER BY over output columns. */
function entryOf(text: string): { readonly name: string; readonly isDescending: boolean } {
  const match =
    /^\s*(?:"(?<quoted>(?:[^"]|"")+)"|(?<plain>[\p{L}_][\p{L}\p{N}_$]*))(?:\s+(?<direction>asc|desc))?\s*$/iu.exec(
      text,
    )
  const { quoted, plain, direction } = match?.groups ?? {}
  const name = quoted?.replaceAll('""', '"') ?? plain?.toLowerCase()
  if (name === undefined)
    throw bad(
      `"${text}" is not a column with asc or desc`,
      `Write score: 'points desc' and ties: ['created_at', 'id'].`,
    )
  return { name, isDescending: direction?.toLowerCase() === 'desc' }
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_LEADERBOARD', { detail, hint })
}
