import { namesOf } from '../../analyze/ast/nodes.ts'
import { walk } from '../../analyze/ast/walk.ts'
import type { Node } from '../../sql/parse.ts'
import { findTable, typeOf, type ColumnType, type Known } from '../known.ts'
import { nameOf } from '../relations.ts'
import type { Edit, Found, Rule } from '../rule.ts'

/** An index expression or predicate that does not always give the same: PostgreSQL refuses it. */
export const nonImmutableIndex: Rule = {
  name: 'non-immutable-index',
  level: 'error',

  check: ({ node, at, start }, { known, script }) => {
    if (!('IndexStmt' in node)) return []
    const { indexParams = [], whereClause, relation } = node.IndexStmt
    const columns = findTable(known, nameOf(relation))?.columns ?? new Map<string, ColumnType>()
    const expressions = [
      ...indexParams.flatMap((it) =>
        'IndexElem' in it && it.IndexElem.expr !== undefined ? [it.IndexElem.expr] : [],
      ),
      ...(whereClause === undefined ? [] : [whereClause]),
    ]
    return expressions
      .flatMap((it) => problemsIn(it, { columns, known }))
      .map(({ location, what, zone }): Found => {
        const place = location === undefined ? start : at(location)
        const fix = zone === undefined ? undefined : inUtc(script.text, at(zone.location), zone.name)
        return {
          at: place,
          message: `${what}, and an index holds only what never changes`,
          help:
            zone === undefined
              ? 'Leave it out of the index and keep it in the query, or write an expression of immutable functions.'
              : `Name the zone: (${zone.name} at time zone 'UTC'). Queries find the index by the same expression only.`,
          fix,
        }
      })
  },
}

interface Problem {
  readonly location: number | undefined
  readonly what: string
  /** The column of a timestamp with time zone that is all that is wrong. */
  readonly zone?: { readonly name: string; readonly location: number | undefined } | undefined
}

interface Facts {
  readonly columns: ReadonlyMap<string, ColumnType>
  readonly known: Known
}

function problemsIn(expression: Node, facts: Facts): readonly Problem[] {
  const found: Problem[] = []
  walk(expression, ({ node }) => {
    found.push(...callProblems(node, facts), ...castProblems(node, facts))
    if ('SQLValueFunction' in node) {
      const { op = '', location } = node.SQLValueFunction
      const name = op
        .replace(/^SVFOP_/, '')
        .replace(/_N$/, '')
        .toLowerCase()
      found.push({ location, what: `${name} changes from moment to moment or from session to session` })
    }
  })
  return found
}

function callProblems(node: Node, { columns, known }: Facts): readonly Problem[] {
  if (!('FuncCall' in node)) return []
  const { funcname, args = [], location } = node.FuncCall
  const name = namesOf(funcname).at(-1) ?? ''
  if (NEVER_IMMUTABLE.has(name)) return [{ location, what: `${name}() is not immutable` }]
  if (ONE_ARGUMENT_DEPENDS.has(name) && args.length === 1)
    return [{ location, what: `${name}() with one argument depends on a setting` }]
  const own = known.functions.filter((it) => it.name === name)
  if (own.length > 0 && own.every(({ volatility }) => volatility !== 'immutable'))
    return [{ location, what: `${name}() is declared ${own[0]?.volatility ?? 'volatile'}` }]
  if (!TIMES.has(name)) return []
  const last = args.at(-1)
  const zone = zonedColumn(last, columns)
  if (columns.size === 0 && last !== undefined && 'ColumnRef' in last) {
    const column = namesOf(last.ColumnRef.fields).at(-1) ?? ''
    return [{ location, what: `${name}() depends on the TimeZone, if ${column} is a timestamptz` }]
  }
  return zone === undefined
    ? []
    : [{ location, what: `${name}() of a timestamptz depends on the TimeZone`, zone }]
}

function castProblems(node: Node, { columns }: Facts): readonly Problem[] {
  if (!('TypeCast' in node)) return []
  const { arg, typeName, location } = node.TypeCast
  const to = typeOf(typeName).name
  const zone = ZONE_CASTS.has(to) ? zonedColumn(arg, columns) : undefined
  return zone === undefined
    ? []
    : [{ location, what: `a timestamptz as ${to} depends on the TimeZone`, zone }]
}

function zonedColumn(node: Node | undefined, columns: Facts['columns']): Problem['zone'] {
  if (node === undefined || !('ColumnRef' in node)) return undefined
  const name = namesOf(node.ColumnRef.fields).at(-1) ?? ''
  const isZoned = columns.get(name)?.name === 'timestamptz'
  return isZoned ? { name, location: node.ColumnRef.location } : undefined
}

/** Only the column is rewritten: what stands around it stays. */
function inUtc(text: string, start: number, name: string): readonly Edit[] | undefined {
  const written = [name, `"${name}"`].find(
    (it) => text.slice(start, start + it.length).toLowerCase() === it.toLowerCase(),
  )
  if (written === undefined) return undefined
  return [
    {
      start,
      end: start + written.length,
      text: `(${text.slice(start, start + written.length)} at time zone 'UTC')`,
    },
  ]
}

/** No overload of these is immutable (pg_proc.provolatile, PostgreSQL 15 to 18; a test asks the server). */
export const NEVER_IMMUTABLE = new Set([
  'array_to_json',
  'array_to_string',
  'clock_timestamp',
  'concat',
  'concat_ws',
  'currval',
  'current_setting',
  'format',
  'gen_random_uuid',
  'json_build_object',
  'jsonb_build_object',
  'lastval',
  'nextval',
  'now',
  'pg_typeof',
  'random',
  'row_to_json',
  'statement_timestamp',
  'timeofday',
  'to_char',
  'to_date',
  'to_json',
  'to_jsonb',
  'transaction_timestamp',
  'txid_current',
])

/** With a configuration as the first argument they are immutable. */
export const ONE_ARGUMENT_DEPENDS = new Set([
  'age',
  'json_to_tsvector',
  'phraseto_tsquery',
  'plainto_tsquery',
  'to_tsquery',
  'to_tsvector',
  'websearch_to_tsquery',
])

/** Of a timestamp they are immutable, of a timestamp with time zone they are not. */
const TIMES = new Set(['date', 'date_part', 'date_trunc', 'extract'])

const ZONE_CASTS = new Set(['date', 'time', 'timestamp', 'text', 'varchar'])
