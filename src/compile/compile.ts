import type { Analysis, Occurrence } from '../analyze/analysis.ts'
import { columnRef, namesOf } from '../analyze/ast/nodes.ts'
import { mapTree } from '../analyze/ast/walk.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import { deparseExpression, deparseSelect } from '../sql/deparse.ts'
import { pendingName, queueName, storageName, strictViewName } from '../sql/names.ts'
import { parseSelect, type Node } from '../sql/parse.ts'
import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import { compareStatement } from './compare.ts'
import { injectUnits, type UnitPredicate } from './inject.ts'
import type {
  Interest,
  Plan,
  PlanColumn,
  PlanPath,
  PlanSource,
  PlanStatements,
  RelationName,
  UnitColumn,
} from './plan.ts'
import { batchPredicate, nullPatterns, recomputeStatement, relationPredicate } from './recompute.ts'
import {
  batchesOf,
  capturedBy,
  occurrenceOf,
  pathSelect,
  possibleUnit,
  unitNames,
  unitsOf,
} from './resolve.ts'
import { storageSql, type IndexDeclaration } from './storage.ts'
import { DIRTY, strictParts, strictView, type StrictParts } from './strict.ts'
import { DRAIN_WINDOW, readerWindow } from './window.ts'

export interface CompileInput {
  readonly model: RelationName
  readonly version: number
  readonly key: readonly string[]
  readonly indexes: readonly IndexDeclaration[]
  readonly query: CanonicalQuery
  readonly analysis: Analysis
}

/** Writes everything that keeps a read model: a pure function from a query and what is known of it to SQL text. */
export function compile(input: CompileInput): Plan {
  const { model, version, key, query, analysis } = input
  const storage = storageName(model, version)
  const pending = pendingName(model)
  const columns = query.columns.map(({ name, type, collation }) => ({ name, type, collation, hidden: false }))
  const unit = analysis.unit.map(({ name, type, nullable }) => ({ name, type, nullable }))
  const sources = sourcesOf(analysis)
  const names = { model, version, key, columns, unit, storage, pending, strictView: strictViewName(model) }

  const statements = new Statements(
    input,
    storage,
    pending,
    columns,
    unit,
    sources.map((it) => it.relation),
  )
  return {
    format: 1,
    query: query.text,
    ...names,
    sources,
    paths: describePaths(analysis, unit),
    folds: [],
    install: storageSql(names, input.indexes, statements.strictView()),
    statements: statements.all(),
  }
}

function sourcesOf(analysis: Analysis): readonly PlanSource[] {
  const relations = new Map(
    analysis.occurrences.map(({ relation }) => [`${relation.schema}.${relation.name}`, relation]),
  )
  return [...relations.values()].map((relation) => {
    const occurrences = analysis.occurrences.filter((it) => it.relation === relation)
    const captured = new Set(
      analysis.paths
        .filter((path) => occurrences.some((it) => it.alias === path.occurrence))
        .flatMap(capturedBy),
    )
    return {
      relation: { schema: relation.schema, name: relation.name },
      queue: queueName(relation),
      captured: relation.columns
        .filter(({ name }) => captured.has(name))
        .map(({ name, type, collation }) => ({ column: name, type, collation })),
      interests: occurrences.map(interestOf),
    }
  })
}

function interestOf({ relation, columns, filter }: Occurrence): Interest {
  const over = (alias: string) =>
    join(
      filter.map((it) => sql`(${deparseExpression(renamed(it, alias))})`),
      ' and ',
    ).text
  return {
    columns: relation.columns
      .filter(({ name }) => columns.includes(name))
      .map(({ name, attnum }) => ({ name, attnum })),
    filter: filter.length === 0 ? null : { old: over('o'), new: over('n') },
  }
}

/** A condition on one table, with another alias for it. */
function renamed(condition: Node, alias: string): Node {
  return mapTree(condition, ({ node: at }) =>
    'ColumnRef' in at ? columnRef(alias, namesOf(at.ColumnRef.fields)[1] ?? '') : undefined,
  )
}

function describePaths(analysis: Analysis, unit: readonly UnitColumn[]): readonly PlanPath[] {
  const paths = analysis.paths.map((path): PlanPath => {
    const occurrence = occurrenceOf(analysis, path.occurrence)
    const { schema, name } = occurrence.relation
    return {
      source: { schema, name },
      alias: path.occurrence,
      kind: path.hops.length === 0 ? 'direct' : 'indirect',
      strategy: 'recompute',
      hops: path.hops.map(({ alias, relation, conditions }) => ({
        relation: { schema: relation.schema, name: relation.name },
        columns: columnsOf(conditions, alias),
      })),
      sql: pathSelect(path, occurrence, unit, trusted('"batch"')).text,
    }
  })
  return [...new Map(paths.map((it) => [it.sql, it])).values()]
}

/** The columns by which a hop's table is entered: an index must begin with them. */
function columnsOf(conditions: readonly Node[], alias: string): readonly string[] {
  const found: string[] = []
  mapTree(conditions, ({ node }) => {
    if ('ColumnRef' in node && namesOf(node.ColumnRef.fields)[0] === alias)
      found.push(namesOf(node.ColumnRef.fields)[1] ?? '')
    return undefined
  })
  return [...new Set(found)]
}

/** Writes the statements of one plan; holds what they share. */
class Statements {
  readonly #input: CompileInput
  readonly #storage: RelationName
  readonly #pending: RelationName
  readonly #columns: readonly PlanColumn[]
  readonly #unit: readonly UnitColumn[]
  readonly #sources: readonly RelationName[]

  constructor(
    input: CompileInput,
    storage: RelationName,
    pending: RelationName,
    columns: readonly PlanColumn[],
    unit: readonly UnitColumn[],
    sources: readonly RelationName[],
  ) {
    this.#input = input
    this.#storage = storage
    this.#pending = pending
    this.#columns = columns
    this.#unit = unit
    this.#sources = sources
  }

  all(): PlanStatements {
    const strict = strictParts(this.#strictParts(), this.#injected(relationPredicate(this.#unit, DIRTY)))
    return {
      window: this.#window(),
      resolve: this.#resolve(),
      spill: this.#spill(),
      enumerate: this.#enumerate(),
      fold: null,
      recompute: nullPatterns(this.#unit).map((nulls) => ({ nulls, sql: this.#recompute(nulls) })),
      compare: this.#compare(strict.with),
      compareUnits: nullPatterns(this.#unit).map((nulls) => ({ nulls, sql: this.#compareUnits(nulls) })),
      strict,
    }
  }

  strictView(): Sql {
    return strictView(this.#strictParts())
  }

  #window(): string {
    const { ctes, nameOf } = batchesOf(this.#sources, DRAIN_WINDOW)
    const each = this.#sources.map((source) => sql`select op, note from ${nameOf(source)}`)
    return sql`with ${join(ctes, ',\n')}
select count(*)::int as changes,
       max(note) filter (where op = 'R') as rebuild
from (
  ${join(each, '\n  union all\n  ')}
) as changes`.text
  }

  #resolvedUnits(): { readonly ctes: Sql; readonly units: Sql } {
    const { ctes, nameOf } = batchesOf(this.#sources, DRAIN_WINDOW)
    const { analysis } = this.#input
    return { ctes: join(ctes, ',\n'), units: unitsOf(analysis, analysis.paths, this.#unit, nameOf) }
  }

  #resolve(): string {
    const { ctes, units } = this.#resolvedUnits()
    const names = unitNames(this.#unit)
    return sql`with ${ctes},
resolved (${join(names)}) as (
${units}
)
select ${join(names.map((name) => sql`${name}::text as ${name}`))}
from (
  select distinct ${join(names)}
  from resolved
  where ${possibleUnit(this.#unit)}
  limit $3::bigint
) as units
order by ${join(names)}`.text
  }

  #spill(): string {
    const { ctes, units } = this.#resolvedUnits()
    return sql`with ${ctes},
resolved (${join(unitNames(this.#unit))}) as (
${units}
),
${this.#insertPending(trusted('resolved'), trusted('$3::text'))}`.text
  }

  #enumerate(): string {
    const names = unitNames(this.#unit)
    const origins = this.#input.analysis.keys.map(({ table, unit }) => {
      const values = unit.map(
        (value, i) => sql`(${deparseExpression(value)})::${trusted(this.#unit[i]?.type ?? '')}`,
      )
      const from =
        table === null
          ? trusted('')
          : sql` from ${ident(table.relation.schema, table.relation.name)} as ${ident(table.alias)}`
      return sql`select ${join(values)}${from}`
    })
    const distinct = [...new Map(origins.map((it) => [it.text, it])).values()]
    const stored = sql`select ${join(this.#unit.map(({ name }) => ident(name)))} from ${this.#name(this.#storage)}`
    return sql`with everything (${join(names)}) as (
${join([...distinct, stored], '\nunion all\n')}
),
${this.#insertPending(trusted('everything'), trusted('$1::text'))}`.text
  }

  /** A unit that waits already, perhaps set aside with an error, is due at once. */
  #insertPending(from: Sql, cause: Sql): Sql {
    const names = unitNames(this.#unit)
    return sql`waiting as (
  insert into ${this.#name(this.#pending)} (${join(names)}, cause)
  select distinct ${join(names)}, ${cause}
  from ${from}
  where ${possibleUnit(this.#unit)}
  on conflict (${join(names)}) do update set cause = excluded.cause, retry_at = null
  returning 1
)
select count(*)::int as units
from waiting`
  }

  #recompute(nulls: readonly boolean[]): string {
    return recomputeStatement({
      storage: this.#storage,
      pending: this.#pending,
      columns: this.#columns,
      key: this.#input.key,
      unit: this.#unit,
      fresh: this.#injected(batchPredicate(this.#unit, nulls)),
      nulls,
    })
  }

  #compare(shared: string): string {
    const parts = this.#strictParts()
    const visible = join(this.#columns.filter(({ hidden }) => !hidden).map(({ name }) => ident(name)))
    const clean = (alias: string) => {
      const conditions = this.#unit.map(
        ({ name }, i) =>
          sql`dirty.${unitNames(this.#unit)[i] ?? trusted('')} is not distinct from ${ident(alias, name)}`,
      )
      return sql`not exists (select from ${DIRTY} as dirty where ${join(conditions, ' and ')})`
    }
    return compareStatement({
      with: trusted(`${shared},\n`),
      stored: sql`select ${visible} from ${this.#name(this.#storage)} as stored where ${clean('stored')}`,
      actual: sql`select ${visible} from (
${parts.query}
) as live where ${clean('live')}`,
      columns: this.#columns,
      key: this.#input.key,
      limit: trusted('$1::bigint'),
    })
  }

  #compareUnits(nulls: readonly boolean[]): string {
    const visible = join(this.#columns.filter(({ hidden }) => !hidden).map(({ name }) => ident(name)))
    const inBatch = batchPredicate(
      this.#unit,
      nulls,
    )(this.#unit.map(({ name }, i) => ({ unit: i, expression: ident('stored', name) })))
    return compareStatement({
      with: trusted(''),
      stored: sql`select ${visible} from ${this.#name(this.#storage)} as stored where ${inBatch}`,
      actual: sql`select ${visible} from (
${this.#injected(batchPredicate(this.#unit, nulls))}
) as live`,
      columns: this.#columns,
      key: this.#input.key,
      limit: sql`$${trusted(String(nulls.filter((isNull) => !isNull).length + 1))}::bigint`,
    })
  }

  #injected(predicate: UnitPredicate): Sql {
    const { query, analysis } = this.#input
    const targets = analysis.unit.map(({ output }, unit) => ({ unit, output }))
    const isAggregate = (name: string) =>
      query.calls.some((it) => it.kind === 'aggregate' && it.name === name)
    return deparseSelect(injectUnits(parseSelect(query.text), targets, predicate, isAggregate))
  }

  #strictParts(): StrictParts {
    const { analysis, query } = this.#input
    const batches = batchesOf(this.#sources, readerWindow(this.#storage))
    return {
      storage: this.#storage,
      pending: this.#pending,
      sources: this.#sources,
      columns: this.#columns,
      unit: this.#unit,
      query: trusted(query.text),
      units: unitsOf(analysis, analysis.paths, this.#unit, batches.nameOf),
      batches,
    }
  }

  #name({ schema, name }: RelationName): Sql {
    return ident(schema, name)
  }
}
