import type { CanonicalQuery, Dependency, Relation } from '../catalog/catalog.ts'
import { parseSelect, type JoinExpr, type Node } from '../sql/parse.ts'
import type { Declared, Occurrence, Path, Refusal, Unit } from './analysis.ts'
import { columnRef, columnRefsIn, namesOf } from './ast/nodes.ts'
import { mapTree, walk } from './ast/walk.ts'
import { isReader, judgeOnItsOwn } from './calls.ts'
import { placeOfCall, placeOfOutput } from './places.ts'
import { sourceProblem } from './sources.ts'
import { findUnsupported } from './unsupported.ts'

/** What dependencies add to a query: occurrences of tables that only functions read, and paths from them. */
export interface Dependencies {
  readonly occurrences: readonly Occurrence[]
  readonly paths: readonly Path[]
}

/** The alias of the declared SELECT beside the changed row. */
const DECLARED = 'declared'
const CHANGED = 'changed'

/**
 * A dependency as one more path: from the images of the changed row over the rows that the declared SELECT computes from them.
 * It is right for the reason that any path to one table is (LESSONS R1): of the changed rows take the one nearest the key;
 * what its own path reads is unchanged. So each table that a declared SELECT reads must be a source as well.
 */
export function traceDependencies(
  query: CanonicalQuery,
  unit: readonly Unit[],
  occurrences: readonly Occurrence[],
): Dependencies {
  const known = [...query.relations, ...query.dependencies.map(({ relation }) => relation)]
  const taken = new Set(occurrences.map(({ alias }) => alias))
  const traced = query.dependencies.map((dependency, i) => {
    const alias = freeAlias(dependency, taken)
    taken.add(alias)
    const { oid } = dependency.relation
    const relation = known.find((it) => it.oid === oid) ?? dependency.relation
    const occurrence: Occurrence = {
      alias,
      relation,
      columns: namesIn(relation),
      filter: [],
      ordinal: -1 - i,
    }
    return { occurrence, path: pathOf(dependency, alias, unit) }
  })
  return { occurrences: traced.map((it) => it.occurrence), paths: traced.map((it) => it.path) }
}

function pathOf(dependency: Dependency, alias: string, unit: readonly Unit[]): Path {
  const { rarg } = joinIn(dependency)
  const computed = mapTree(rarg, ({ node }) => {
    if (!('ColumnRef' in node)) return undefined
    const [table, column = ''] = namesOf(node.ColumnRef.fields)
    return table === CHANGED ? columnRef(alias, column) : undefined
  })
  if (computed === undefined) throw new Error('a dependency without its SELECT')
  return {
    occurrence: alias,
    hops: [{ alias: DECLARED, relation: null, computed, conditions: [], equals: [] }],
    unit: unit.map(({ name }) => columnRef(DECLARED, name)),
    readsOld: false,
    isDeclared: true,
  }
}

/** `changed`, or that with a number: no other table of the query or of the declared SELECT has it. */
function freeAlias(dependency: Dependency, taken: ReadonlySet<string>): string {
  const own = new Set(aliasesIn(joinIn(dependency).rarg))
  for (let i = 1; ; i += 1) {
    const alias = i === 1 ? CHANGED : `${CHANGED}_of_${String(i)}`
    if (!taken.has(alias) && !own.has(alias)) return alias
  }
}

function aliasesIn(tree: unknown): readonly string[] {
  const found: string[] = []
  walk(tree, ({ fields }) => {
    const alias = fields['alias'] as { readonly aliasname?: string } | undefined
    found.push(alias?.aliasname ?? (fields['relname'] as string | undefined) ?? '')
  })
  return found
}

/** The server's text is `from <table> changed cross join lateral (<SELECT>) declared`. */
function joinIn({ query }: Dependency): JoinExpr {
  const [join] = parseSelect(query.text).fromClause ?? []
  if (join === undefined || !('JoinExpr' in join)) throw new Error(`unexpected text: ${query.text}`)
  return join.JoinExpr
}

/** All but what triggers cannot see; what that is computed from is there itself. */
function namesIn({ columns }: Relation): readonly string[] {
  return columns.filter(({ generated }) => generated !== 'v').map(({ name }) => name)
}

/** What is wrong with the declared dependencies, for a query whose unit is known. */
export function refuseDependencies(
  query: CanonicalQuery,
  unit: readonly Unit[],
  sources: readonly Relation[],
  declared: Declared,
): readonly Refusal[] {
  const isNeeded = query.calls.some(({ kind, builtin }) => kind === 'function' && !builtin)
  const [first] = query.dependencies
  if (first !== undefined && !isNeeded) {
    const hint = 'Leave it out: the tables that the query itself names are followed anyhow.'
    return [refuse(first, 'no function of the query could read a table', hint)]
  }
  const followed = [...sources, ...query.dependencies.map(({ relation }) => relation)]
  return query.dependencies.flatMap((it) => {
    const models = refuseModels(it)
    if (models.length > 0) return models
    return [
      ...refuseTable(it, declared),
      ...refuseContents(it),
      ...refuseColumns(it, unit),
      ...refuseTablesOnTheWay(it, followed),
    ]
  })
}

/** A function reads what is stored, and a strict read must not. */
function refuseModels(dependency: Dependency): readonly Refusal[] {
  const [model] = dependency.query.relations.flatMap(({ readModel }) => readModel?.model ?? [])
  if (model === undefined) return []
  const hint = 'Name the tables that it comes from.'
  return [refuse(dependency, `${model.schema}.${model.name} is a read model, whose rows come later`, hint)]
}

function refuseTable(dependency: Dependency, declared: Declared): readonly Refusal[] {
  const { relation, query } = dependency
  const problem = sourceProblem(relation, namesIn(relation), declared)
  return problem === undefined ? [] : [{ ...problem, position: 0, source: query.userText }]
}

/** It is evaluated at another moment and by another role than the query, so nothing in it may depend on those. */
function refuseContents(dependency: Dependency): readonly Refusal[] {
  const { query } = dependency
  const forms = findUnsupported(parseSelect(query.userText)).filter(({ code }) => FORMS.includes(code))
  const calls = query.calls.flatMap((call) => judgeOnItsOwn(call) ?? [])
  const rows = columnRefsIn(joinIn(dependency).rarg).map((ref) => namesOf(ref.fields))
  const isWhole = rows.some(([table, column]) => table === CHANGED && column === '*')
  return [
    ...forms.map(({ code, detail, hint }) => ({ code, detail, hint, position: 0, source: query.userText })),
    ...calls.map(({ call, code, detail, hint }) => ({
      code,
      detail,
      hint,
      position: placeOfCall(query, call),
      source: query.userText,
    })),
    ...(isWhole
      ? [refuse(dependency, 'it reads changed as a whole row', 'Name the columns that it needs.')]
      : []),
  ]
}

const FORMS: readonly string[] = ['UNSUPPORTED_ROW_LOCK', 'UNSUPPORTED_FROM_ITEM']

function refuseColumns(dependency: Dependency, unit: readonly Unit[]): readonly Refusal[] {
  const { columns } = dependency.query
  return unit.flatMap(({ name, type }) => {
    const column = columns.find((it) => it.name === name)
    if (column === undefined) {
      const found = columns.map((it) => it.name).join(', ')
      const hint = `Give it the columns ${unit.map((it) => it.name).join(', ')}, by these names.`
      return [refuse(dependency, `it has no column "${name}", only ${found}`, hint)]
    }
    if (column.type === type) return []
    const hint = `Cast it: ${name}::${type}.`
    const position = placeOfOutput(dependency.query, name)
    return [{ ...refuse(dependency, `"${name}" is ${column.type} where the key is ${type}`, hint), position }]
  })
}

function refuseTablesOnTheWay(dependency: Dependency, followed: readonly Relation[]): readonly Refusal[] {
  return dependency.query.relations
    .filter((it) => it.definition === null && !followed.some(({ oid }) => oid === it.oid))
    .map(({ schema, name }) => {
      const hint = `Declare it too: dependsOn: [{ table: '${schema}.${name}', key: … }].`
      return refuse(
        dependency,
        `nobody follows the changes of ${schema}.${name}, on the way to the key`,
        hint,
      )
    })
}

function refuse({ query }: Dependency, detail: string, hint: string): Refusal {
  return { code: 'BAD_DEPENDENCY', detail, hint, position: 0, source: query.userText }
}

/** True if the value is the answer of a function that may read tables: it may change when none of its arguments does. */
export function mayReadTables({ calls }: CanonicalQuery, node: Node): boolean {
  if (!('FuncCall' in node)) return false
  const name = namesOf(node.FuncCall.funcname).at(-1)
  return calls.some((it) => isReader(it) && it.name === name)
}
