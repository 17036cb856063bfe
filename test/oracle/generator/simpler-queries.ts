import { deparseSelect, shapeOf } from '../../../src/sql/deparse.ts'
import { parseSelect, type SelectStmt } from '../../../src/sql/parse.ts'
import type { DrawnQuery } from './query.ts'

/** Clauses that a SELECT, a call or a join can do without. */
const OPTIONAL = new Set([
  ...[
    'whereClause',
    'havingClause',
    'sortClause',
    'groupClause',
    'distinctClause',
    'withClause',
    'windowClause',
  ],
  ...['limitCount', 'limitOffset', 'agg_filter', 'agg_order', 'over', 'alias', 'defresult', 'frameOptions'],
])

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Queries that lack something of this one, or have a part of something in its place: the shortest first. */
export function simplerQueries(query: DrawnQuery): readonly DrawnQuery[] {
  const select = parseSelect(query.text)
  // Through JSON, for a tree of the parser has no type that covers all of its nodes.
  const trees = simplerTrees(JSON.parse(JSON.stringify(select)) as Json)
  const texts = new Set(trees.flatMap((tree) => printed(tree) ?? []))
  texts.delete(query.text)
  return [...texts]
    .filter((text) => text.length < query.text.length)
    .sort((a, b) => a.length - b.length)
    .map((text) => ({ ...query, text, key: keyWithin(query.key, text) }))
    .filter(({ key }) => key.length > 0)
}

function printed(tree: Json): string | undefined {
  try {
    return deparseSelect(tree as unknown as SelectStmt).text
  } catch {
    return undefined
  }
}

/** The key columns that are still there. */
function keyWithin(key: readonly string[], text: string): readonly string[] {
  const first = (select: SelectStmt): SelectStmt => (select.larg === undefined ? select : first(select.larg))
  const names = (first(parseSelect(text)).targetList ?? []).map((target) => shapeOf(target))
  const isNamed = (name: string) =>
    names.some(
      (target) =>
        target.includes(`"name":${JSON.stringify(name)}`) ||
        target.includes(`"sval":${JSON.stringify(name)}}}]`),
    )
  return key.filter(isNamed)
}

/** All trees that differ from this one in one place. */
function simplerTrees(tree: Json): readonly Json[] {
  if (Array.isArray(tree)) {
    const items = tree as readonly Json[]
    return items.flatMap((item, i) => [
      ...(items.length > 1 ? [items.filter((_, at) => at !== i)] : []),
      ...simplerTrees(item).map((simpler) => items.with(i, simpler)),
    ])
  }
  if (tree === null || typeof tree !== 'object') return []

  const object = tree as { readonly [key: string]: Json }
  const inside = Object.entries(object).flatMap(([key, value]) =>
    simplerTrees(value).map((simpler): Json => ({ ...object, [key]: simpler })),
  )
  return [...replacements(object), ...lacking(object), ...inside]
}

/** The nodes right below a node stand in its place; a set operation is one of its sides. */
function replacements(object: { readonly [key: string]: Json }): readonly Json[] {
  const sides = ['larg', 'rarg'].flatMap((side) => {
    const value = object[side]
    return object['op'] !== 'SETOP_NONE' && 'op' in object && value !== undefined ? [value] : []
  })
  return isNode(object) ? [...nodesBelow(Object.values(object))] : sides
}

function isNode(value: Json): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  const [key, ...more] = Object.keys(value)
  return key !== undefined && more.length === 0 && /^[A-Z]/.test(key)
}

function nodesBelow(values: readonly Json[]): readonly Json[] {
  return values.flatMap((value) => {
    if (isNode(value)) return [value]
    return value !== null && typeof value === 'object' ? nodesBelow(Object.values(value)) : []
  })
}

function lacking(object: { readonly [key: string]: Json }): readonly Json[] {
  return Object.keys(object)
    .filter((key) => OPTIONAL.has(key))
    .map((key) => {
      const rest = Object.fromEntries(Object.entries(object).filter(([other]) => other !== key))
      return key.startsWith('limit') ? { ...rest, limitOption: 'LIMIT_OPTION_DEFAULT' } : rest
    })
}
