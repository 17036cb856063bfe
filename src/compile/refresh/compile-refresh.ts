import { walk } from '../../analyze/ast/walk.ts'
import type { CanonicalQuery } from '../../catalog/catalog.ts'
import { parseSelect } from '../../sql/parse.ts'
import { allRowsName, refreshJobName, storageName, strictPageName, strictViewName } from '../../sql/names.ts'
import { ident, join, literal, qualified, sql, trusted } from '../../sql/sql.ts'
import { allRowsOf } from '../all-rows.ts'
import { baseTables, calledBy } from '../chain.ts'
import { compareStatement } from '../compare.ts'
import type { Plan, RelationName } from '../plan.ts'
import { lowerModels, overQueries, overStrictReads } from './lower-models.ts'
import { namedIndexes, planIndex, typeOf, type IndexDeclaration } from '../storage.ts'
import type { RefreshInstall, RefreshPlan } from './refresh-plan.ts'
import { digestStatement, refreshStatement } from './refresh-statement.ts'

export interface RefreshInput {
  readonly model: RelationName
  readonly version: number
  readonly key: readonly string[]
  readonly indexes: readonly IndexDeclaration[]
  readonly readableBy?: readonly string[] | undefined
  readonly query: CanonicalQuery
  /** Plans of the read models that the query may name; of others than it names, too. */
  readonly models?: readonly (Plan | RefreshPlan)[] | undefined
}

/** Writes everything that refreshes a read model as a whole: a pure function, as `compile` is. */
export function compileRefresh(input: RefreshInput): RefreshPlan {
  const { model, version, key, indexes, readableBy, query, models = [] } = input
  const storage = storageName(model, version)
  const columns = query.columns.map(({ name, type, collation }) => ({ name, type, collation }))
  const names = { model, version, key, columns, storage, strictView: strictViewName(model) }
  const table = qualified(storage)
  const lower = lowerModels(query, models)
  const reads = namedIn(query)
  const allRows = readableBy === undefined ? null : allRowsName(storage)
  const chain = {
    query: overQueries(query, lower),
    sources: baseTables(reads, lower),
    strict: null,
    ...calledBy(lower, allRows),
  }
  const parts = { storage: table, query: trusted(query.text), columns, key }
  return {
    format: 1,
    kind: 'refreshed',
    query: query.text,
    ...names,
    reads,
    ...(readableBy !== undefined && { readableBy }),
    ...(lower.length > 0 && { models: lower.map((it) => ({ model: it.model, storage: it.storage })) }),
    chain,
    install: installSql(
      { ...names, reads: chain.sources, allRows, query: overStrictReads(query, lower) },
      indexes,
    ),
    statements: {
      refresh: refreshStatement(parts),
      digest: digestStatement(parts),
      compare: compareStatement({
        with: trusted(''),
        stored: sql`select ${join(columns.map(({ name }) => ident(name)))} from ${table}`,
        actual: parts.query,
        columns: columns.map((it) => ({ ...it, hidden: false })),
        key,
        limit: trusted('$1::bigint'),
      }),
    },
  }
}

/** Tables, partitioned tables and views: LOCK TABLE knows no others. */
const LOCKABLE: readonly string[] = ['r', 'p', 'v']

/** Those behind a view are not: who may read the view need not be allowed to read them. */
function namedIn({ text, relations }: CanonicalQuery): readonly RelationName[] {
  const named = new Set<string>()
  walk({ SelectStmt: parseSelect(text) }, ({ node }) => {
    if ('RangeVar' in node) named.add(`${node.RangeVar.schemaname ?? ''}.${node.RangeVar.relname ?? ''}`)
  })
  return relations
    .filter(({ schema, name, kind }) => LOCKABLE.includes(kind) && named.has(`${schema}.${name}`))
    .map(({ schema, name }) => ({ schema, name }))
}

type Names = Pick<
  RefreshPlan,
  'model' | 'version' | 'columns' | 'key' | 'storage' | 'strictView' | 'query' | 'reads'
> & {
  readonly allRows: RelationName | null
}

function installSql(
  { model, version, columns, key, storage, strictView, query, reads, allRows }: Names,
  indexes: readonly IndexDeclaration[],
): RefreshInstall {
  const table = qualified(storage)
  const name = qualified(model)
  const strict = qualified(strictView)
  const names = join(columns.map((it) => ident(it.name)))
  const definitions = columns.map((it) => sql`${ident(it.name)} ${typeOf(it)}`)
  const guard = allRowsOf({ allRows, model, sources: reads })
  const made = indexes.map((index) => planIndex(index, { storage, version }))
  const { up = [], down = [] } = namedIndexes(made, storage).named ?? {}
  // The planner drops whatever stands beside a table that a policy empties; the stored rows it must look at.
  const asked =
    allRows === null
      ? sql``
      : sql`select ${names}
from ${table}
where not ${qualified(allRows)}()
union all
`
  return {
    up: [
      sql`create table if not exists ${table} (
  ${join(definitions, ',\n  ')}
)`.text,
      sql`create unique index if not exists ${ident(`${storage.name}_key`)} on ${table} (${join(key.map((it) => ident(it)))}) nulls not distinct`
        .text,
      ...made.map((it) => it.sql),
      ...guard.up,
    ],
    down: [...guard.down, sql`drop table if exists ${table}`.text],
    expose: [
      sql`create or replace view ${name} as
select ${names}
from ${table}`.text,
      sql`create or replace view ${strict} as
${asked}select ${names}
from (
${trusted(query)}
) as live`.text,
    ],
    conceal: [sql`drop view if exists ${strict}`.text, sql`drop view if exists ${name}`.text],
    named: { up: [...up, takeJob({ model, storage }), noPages(model)], down },
  }
}

/** A version that is kept has a function for pages; where the views can stay, nothing else would take it away. */
function noPages(model: RelationName): string {
  return sql`drop function if exists ${qualified(strictPageName(model))}(text, bigint, bigint, jsonb)`.text
}

/** One job refreshes the version in use; what its rows added up to is known after its next run. */
function takeJob({ model, storage }: Pick<Names, 'model' | 'storage'>): string {
  const table = literal(storage.name)
  return sql`update millrace.job set storage = ${table}, digest = null where name = ${literal(refreshJobName(model))} and storage <> ${table}`
    .text
}
