import type { CanonicalQuery } from '../catalog/catalog.ts'
import { parseSelect, positionOf, type Node, type SelectStmt } from '../sql/parse.ts'
import { branchesOf, functionName, namesOf } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'
import type { Unsupported } from './unsupported.ts'

/**
 * Finds the places of things in the user's own text. The server's text has other positions, but the same tables in the
 * same order, and the same function names.
 */
export function placeOfTable(query: CanonicalQuery, location: number | undefined): number | undefined {
  const ordinal = locationsOfTables(parseSelect(query.text)).indexOf(location)
  return toPosition(query, locationsOfTables(parseSelect(query.userText))[ordinal])
}

function locationsOfTables(select: SelectStmt): readonly (number | undefined)[] {
  const locations: (number | undefined)[] = []
  walk({ SelectStmt: select }, ({ node }) => {
    if ('RangeVar' in node) locations.push(node.RangeVar.location)
  })
  return locations
}

/** The first call of that name. Operators and implicit casts have no name in the text: no place. */
export function placeOfCall(query: CanonicalQuery, call: { readonly name: string }): number | undefined {
  const locations: (number | undefined)[] = []
  walk(userTree(query), ({ type, node }) => {
    if ('FuncCall' in node && functionName(node.FuncCall) === call.name)
      locations.push(node.FuncCall.location)
    if ('SQLValueFunction' in node && valueFunctionName(node.SQLValueFunction.op) === call.name) {
      locations.push(node.SQLValueFunction.location)
    }
    if ('TypeCast' in node && typeName(namesOf(node.TypeCast.typeName?.names).at(-1)) === call.name) {
      locations.push(node.TypeCast.location)
    }
    if ('SubLink' in node && node.SubLink.subLinkType === 'ARRAY_SUBLINK' && call.name === 'array') {
      locations.push(node.SubLink.location)
    }
    if (type === 'SelectStmt' && call.name === 'limit' && 'SelectStmt' in node) {
      locations.push(limitLocation(node.SelectStmt))
    }
    if ('SelectStmt' in node && call.name === 'group by') {
      const [first] = node.SelectStmt.groupClause ?? []
      if (first !== undefined && 'ColumnRef' in first) locations.push(first.ColumnRef.location)
    }
  })
  return toPosition(
    query,
    locations.find((it) => it !== undefined),
  )
}

/** The entry of the select list that gives an output column: the one of its name, else a star. */
export function placeOfOutput(query: CanonicalQuery, name: string): number | undefined {
  const [first] = branchesOf(parseSelect(query.userText))
  const targets = (first?.targetList ?? []).flatMap((it) => ('ResTarget' in it ? [it.ResTarget] : []))
  const named = (wanted: string) =>
    targets.find((it) => (it.name ?? (it.val === undefined ? '' : defaultName(it.val))) === wanted)
  return toPosition(query, (named(name) ?? named('*'))?.location)
}

/** What the server calls a column without AS, as far as a key can be one. */
function defaultName(value: Node): string {
  if ('ColumnRef' in value) return namesOf(value.ColumnRef.fields).at(-1) ?? ''
  if ('TypeCast' in value && value.TypeCast.arg !== undefined) return defaultName(value.TypeCast.arg)
  return 'FuncCall' in value ? functionName(value.FuncCall) : ''
}

export function placeOfUnsupported(
  query: CanonicalQuery,
  found: Unsupported,
  inUserText: readonly Unsupported[],
): number | undefined {
  const twin = inUserText.find((it) => it.code === found.code && it.detail === found.detail)
  return toPosition(query, twin?.location)
}

function userTree(query: CanonicalQuery): unknown {
  return { SelectStmt: parseSelect(query.userText) }
}

function toPosition(query: CanonicalQuery, location: number | undefined): number | undefined {
  return location === undefined ? undefined : positionOf(query.userText, location)
}

/** `SVFOP_CURRENT_DATE` is `current_date`; `SVFOP_CURRENT_TIMESTAMP_N` has a precision. */
function valueFunctionName(op: string | undefined): string {
  return (op ?? '')
    .replace(/^SVFOP_/, '')
    .replace(/_N$/, '')
    .toLowerCase()
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  timestamptz: 'timestamp with time zone',
  timestamp: 'timestamp without time zone',
  timetz: 'time with time zone',
  varchar: 'character varying',
  float4: 'real',
  float8: 'double precision',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  bool: 'boolean',
}

function typeName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (TYPE_NAMES[name] ?? name)
}

function limitLocation({ limitCount }: SelectStmt): number | undefined {
  return limitCount !== undefined && 'A_Const' in limitCount ? limitCount.A_Const.location : undefined
}
