import { isSetOperation, namesOf } from '../analyze/ast/nodes.ts'
import { walk } from '../analyze/ast/walk.ts'
import { parseSelect, type ColumnRef, type FuncCall, type Node, type SelectStmt } from '../sql/parse.ts'
import { itemOf, type Scope } from './json-scope.ts'
import { functionName, givesOneRow, hasOwnAggregate, isNeverNull } from './never-null.ts'

/** What a query shows of a value that becomes JSON: as far as functions that build it stand in the text. */
export type JsonShape =
  | {
      readonly kind: 'object'
      readonly members: readonly { readonly name: string; readonly value: ShapedValue }[]
    }
  | { readonly kind: 'list' | 'record'; readonly of: ShapedValue }
  | { readonly kind: 'tuple'; readonly of: readonly ShapedValue[] }
  | { readonly kind: 'oneOf'; readonly shapes: readonly JsonShape[] }
  /** A value of SQL's own: its type is that of a SELECT of it. `column`: it is null only where this column is. */
  | { readonly kind: 'leaf'; readonly probe: SelectStmt; readonly column: LeafColumn | null }
  /** A literal that has nothing in it: `'[]'`, `'{}'`. */
  | { readonly kind: 'empty'; readonly of: 'list' | 'object' }

export interface ShapedValue {
  readonly shape: JsonShape
  readonly isNullable: boolean
}

/** A column of a table. */
export interface LeafColumn {
  readonly schema: string
  readonly table: string
  readonly column: string
}

interface Place {
  readonly scope: Scope
  /** The SELECT that gives an expression of this place as its only column. */
  readonly probe: (expression: Node) => SelectStmt
}

/** The shapes of output columns, by their names. Needs the parser. */
export function jsonShapes(query: string): ReadonlyMap<string, ShapedValue> {
  const select = parseSelect(query)
  if (isSetOperation(select) || hasGroupingSets(select)) return new Map()
  const place = placeOf(select, [], (it) => it)
  const targets = (select.targetList ?? []).flatMap((it) => ('ResTarget' in it ? [it.ResTarget] : []))
  return new Map(
    targets.flatMap(({ name, val }): [string, ShapedValue][] => {
      const own =
        name ?? (val !== undefined && 'ColumnRef' in val ? namesOf(val.ColumnRef.fields).at(-1) : undefined)
      return own === undefined || val === undefined ? [] : [[own, valueOf(val, place)]]
    }),
  )
}

/** They make columns null that are not null in their tables. */
function hasGroupingSets(select: SelectStmt): boolean {
  let found = false
  walk(select, ({ node }) => {
    found ||= 'GroupingSet' in node
  })
  return found
}

const ORDERING: ReadonlySet<string> = new Set(['sortClause', 'distinctClause', 'limitCount', 'limitOffset'])

/** What is ordered or left out does not matter to types, and could name what the probe does not select. */
function placeOf(select: SelectStmt, outer: Scope, probe: (inner: SelectStmt) => SelectStmt): Place {
  const parts = Object.entries(select).filter(([name]) => !ORDERING.has(name))
  const bare: SelectStmt = { ...Object.fromEntries(parts), limitOption: 'LIMIT_OPTION_DEFAULT' }
  return {
    scope: [select.fromClause ?? [], ...outer],
    probe: (val) => probe({ ...bare, targetList: [{ ResTarget: { val } }] }),
  }
}

function valueOf(value: Node, place: Place): ShapedValue {
  if ('TypeCast' in value) return castValue(value, place)
  if ('FuncCall' in value) return callValue(value.FuncCall, place) ?? leaf(value, place)
  if ('CoalesceExpr' in value) {
    const values = (value.CoalesceExpr.args ?? []).map((it) => valueOf(it, place))
    return built(
      value,
      place,
      values,
      values.every((it) => it.isNullable),
    )
  }
  if ('CaseExpr' in value) {
    const { args = [], defresult } = value.CaseExpr
    const results = [...args.map((it) => ('CaseWhen' in it ? it.CaseWhen.result : undefined)), defresult]
    const values = results.flatMap((it) => (it === undefined ? [] : [valueOf(it, place)]))
    return built(value, place, values, values.length < results.length || values.some((it) => it.isNullable))
  }
  if ('SubLink' in value) return sublinkValue(value, place)
  if ('ColumnRef' in value) return columnValue(value.ColumnRef, place)
  return leaf(value, place)
}

/** Of several values one; what SQL computes from values of its own, as coalesce of two numbers, is one leaf. */
function built(value: Node, place: Place, values: readonly ShapedValue[], isNullable: boolean): ShapedValue {
  const shapes = values.map(({ shape }) => shape)
  if (shapes.every(({ kind }) => kind === 'leaf')) return leaf(value, place)
  return { shape: { kind: 'oneOf', shapes }, isNullable }
}

const JSON_TYPES: ReadonlySet<string> = new Set(['json', 'jsonb'])
const EMPTY: Readonly<Record<string, 'list' | 'object'>> = { '[]': 'list', '{}': 'object' }

function castValue(value: Extract<Node, { TypeCast: unknown }>, place: Place): ShapedValue {
  const { arg, typeName } = value.TypeCast
  const type = namesOf(typeName?.names).at(-1) ?? ''
  if (arg === undefined || !JSON_TYPES.has(type)) return leaf(value, place)
  const of = EMPTY[literalOf(arg)?.replaceAll(/\s/g, '') ?? '']
  if (of !== undefined) return { shape: { kind: 'empty', of }, isNullable: false }
  if ('A_Const' in arg && arg.A_Const.isnull === true)
    return { shape: { kind: 'oneOf', shapes: [] }, isNullable: true }
  const inner = valueOf(arg, place)
  // A text that is read as JSON says nothing of what is in it.
  return inner.shape.kind === 'leaf' ? leaf(value, place) : inner
}

function callValue(call: FuncCall, place: Place): ShapedValue | undefined {
  const { args = [], func_variadic: isVariadic, over } = call
  const [first, second] = args
  if (isVariadic === true) return undefined
  const inRows = over === undefined ? inAggregate(place) : place
  switch (functionName({ FuncCall: call }).replace(/^jsonb_/, 'json_')) {
    case 'json_build_object': {
      const members = membersOf(args, place)
      return members && { shape: { kind: 'object', members }, isNullable: false }
    }
    case 'json_build_array':
      return { shape: { kind: 'tuple', of: args.map((it) => valueOf(it, place)) }, isNullable: false }
    case 'json_agg':
      return first && { shape: { kind: 'list', of: valueOf(first, inRows) }, isNullable: true }
    case 'json_object_agg':
      return second && { shape: { kind: 'record', of: valueOf(second, inRows) }, isNullable: true }
    case 'to_json':
    case 'to_jsonb':
    case 'row_to_json':
      return first && valueOf(first, place)
    default:
      return undefined
  }
}

/** Undefined where a name is not in the text. */
function membersOf(
  args: readonly Node[],
  place: Place,
): Extract<JsonShape, { kind: 'object' }>['members'] | undefined {
  const names = args.filter((_, i) => i % 2 === 0).map(literalOf)
  const values = args.filter((_, i) => i % 2 === 1)
  if (names.length !== values.length) return undefined
  const members = values.flatMap((it, i) => {
    const name = names[i]
    return name === undefined ? [] : [{ name, value: valueOf(it, place) }]
  })
  return members.length === values.length ? members : undefined
}

function literalOf(value: Node): string | undefined {
  if ('A_Const' in value) return value.A_Const.sval?.sval
  return 'TypeCast' in value && value.TypeCast.arg !== undefined ? literalOf(value.TypeCast.arg) : undefined
}

/** `mode` gives a value of the type of what it is given, whatever that is; an array of them would hide whether that is one itself. */
function inAggregate({ scope, probe }: Place): Place {
  const mode = (argument: Node): Node => ({
    FuncCall: {
      funcname: [{ String: { sval: 'pg_catalog' } }, { String: { sval: 'mode' } }],
      agg_within_group: true,
      agg_order: [
        { SortBy: { node: argument, sortby_dir: 'SORTBY_DEFAULT', sortby_nulls: 'SORTBY_NULLS_DEFAULT' } },
      ],
      funcformat: 'COERCE_EXPLICIT_CALL',
    },
  })
  return { scope, probe: (it) => probe(mode(it)) }
}

function sublinkValue(value: Extract<Node, { SubLink: unknown }>, place: Place): ShapedValue {
  const { subLinkType, subselect } = value.SubLink
  const select = subselect !== undefined && 'SelectStmt' in subselect ? subselect.SelectStmt : undefined
  const [target] = select?.targetList ?? []
  const expression = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  if (select === undefined || expression === undefined || isSetOperation(select)) return leaf(value, place)
  const inner = valueOf(expression, within(select, place))
  if (subLinkType === 'ARRAY_SUBLINK') return { shape: { kind: 'list', of: inner }, isNullable: false }
  if (subLinkType !== 'EXPR_SUBLINK') return leaf(value, place)
  return givesOneRow(select) && hasOwnAggregate(expression, select) ? inner : orNull(inner)
}

/** A SELECT in an expression, or one of FROM, which sees all that an expression beside it sees. */
function within(select: SelectStmt, { scope, probe }: Place): Place {
  return placeOf(select, scope, (inner) =>
    probe({ SubLink: { subLinkType: 'EXPR_SUBLINK', subselect: { SelectStmt: inner } } }),
  )
}

function columnValue(ref: ColumnRef, place: Place): ShapedValue {
  const value: Node = { ColumnRef: ref }
  const found = itemOf(ref, place.scope)
  const column = namesOf(ref.fields).at(-1) ?? ''
  if (found === undefined) return leaf(value, place)
  if (found.item.kind === 'table') {
    const { schemaname = '', relname = '' } = found.item.table
    // In a select list the star would be all columns; as an argument it is the row.
    const row: Node = { CoalesceExpr: { args: [value] } }
    const own = leaf(column === '*' ? row : value, place, { schema: schemaname, table: relname, column })
    if (found.isOptional) return orNull(own)
    return column === '*' ? { ...own, isNullable: false } : own
  }
  const inner = outputOf(found.item.select, column, place)
  if (inner === undefined) return leaf(value, place)
  const { shape } = inner
  const typed = shape.kind === 'leaf' ? { ...inner, shape: leaf(value, place, shape.column).shape } : inner
  return found.isOptional ? orNull(typed) : typed
}

/** There may be no row that it would be of. */
function orNull({ shape }: ShapedValue): ShapedValue {
  return { shape: shape.kind === 'leaf' ? { ...shape, column: null } : shape, isNullable: true }
}

function outputOf(select: SelectStmt, column: string, place: Place): ShapedValue | undefined {
  if (isSetOperation(select)) return undefined
  const targets = (select.targetList ?? []).flatMap((it) => ('ResTarget' in it ? [it.ResTarget] : []))
  const target = targets.find(({ name, val }) => {
    const own = val !== undefined && 'ColumnRef' in val ? namesOf(val.ColumnRef.fields).at(-1) : undefined
    return (name ?? own) === column
  })
  return target?.val === undefined ? undefined : valueOf(target.val, within(select, place))
}

function leaf(value: Node, { probe }: Place, column: LeafColumn | null = null): ShapedValue {
  return { shape: { kind: 'leaf', probe: probe(value), column }, isNullable: !isNeverNull(value) }
}
