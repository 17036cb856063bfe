import { mapTree } from '../analyze/ast/walk.ts'
import { chainName } from '../sql/names.ts'
import { deparseSelect } from '../sql/deparse.ts'
import { parseSelect, type Node, type SelectStmt } from '../sql/parse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import type { PinnedCall } from '../catalog/catalog.ts'
import { readerColumns } from './decay.ts'
import { SHOWN } from './immediate/shown-rows.ts'
import { signatureOf } from './pinned.ts'
import type { ChainPart, Plan, PlanChain, RelationName } from './plan.ts'
import { isRefreshed, type RefreshPlan } from './refresh/refresh-plan.ts'
import { isNoneOf } from './recompute.ts'
import { sameUnit, unitNames } from './resolve.ts'

/** A model whose rows another one reads: what the statements of the upper one need of its plan. */
export interface LowerModel {
  readonly model: RelationName
  readonly storage: RelationName
  /** The columns that readers see. */
  readonly columns: readonly string[]
  /** The stored table has a column that tells which rows readers see. */
  readonly isShown: boolean
  readonly unit: Plan['unit']
  readonly chain: PlanChain
}

export function lowerModel(plan: Plan | RefreshPlan): LowerModel {
  const { model, storage } = plan
  const columns = plan.columns.map((it) => ({ hidden: false, ...it }))
  return {
    model,
    storage,
    columns: readerColumns({ columns, decays: isRefreshed(plan) ? [] : plan.decays }).map(({ name }) => name),
    isShown: plan.columns.some(({ name }) => name === SHOWN),
    unit: isRefreshed(plan) ? [] : plan.unit,
    chain: plan.chain ?? { query: plan.query, sources: tablesOf(plan), strict: null },
  }
}

/** Signatures of what a model's own query calls of ours, or its strict read, and of what those that it reads do. */
export function calledBy(
  lower: readonly LowerModel[],
  allRows: RelationName | null,
  pinned: readonly PinnedCall[] = [],
): Pick<PlanChain, 'functions'> {
  const functions = [
    ...lower.flatMap(({ chain }) => chain.functions ?? []),
    ...(allRows === null ? [] : [sql`${qualified(allRows)}()`.text]),
    ...pinned.map((it) => signatureOf(it).text),
  ]
  return functions.length === 0 ? {} : { functions: [...new Set(functions)] }
}

/** Plans that were stored before there were models on models tell nothing of how they are read by others. */
function tablesOf(plan: Plan | RefreshPlan): readonly RelationName[] {
  return isRefreshed(plan) ? plan.reads : plan.sources.map(({ relation }) => relation)
}

/** The model whose stored rows a table holds. */
export function findLower(
  models: readonly LowerModel[],
  { schema, name }: RelationName,
): LowerModel | undefined {
  return models.find(({ storage }) => storage.schema === schema && storage.name === name)
}

/** The query with the query of each model below in place of its stored rows: over base tables alone. */
function overBaseTables(select: SelectStmt, models: readonly LowerModel[]): SelectStmt {
  return withRows(select, models, ({ columns, isShown, chain }) => {
    const list = columnList(columns, 'live', isShown ? 'true' : null)
    return sql`select ${list} from (${trusted(chain.query)}) as live`
  })
}

/** The query over the rows of the models below as they are now, whatever is queued for them: their strict reads. */
export function overStrictRows(
  select: SelectStmt,
  models: readonly LowerModel[],
  isKeptLive: (model: LowerModel) => boolean,
): SelectStmt {
  return withRows(select, models, (model) => strictRows(model, isKeptLive(model)))
}

/** Names that the parts of a model's strict read have, where it is a part of another's. */
export function namesInChain(storage: RelationName) {
  return {
    batch: `${chainName(storage, 'batch')}_`,
    trust: ident(chainName(storage, 'trust')),
    dirty: ident(chainName(storage, 'dirty')),
    live: ident(chainName(storage, 'live')),
  }
}

/** Each part once, those of lower models first: two models may both read a third. `kept`: parts of one's own, last. */
export function partsBelow(models: readonly LowerModel[], kept: readonly ChainPart[]): readonly ChainPart[] {
  const all = [...models.flatMap(({ chain }) => chain.strict?.parts ?? []), ...kept]
  return [...new Map(all.map((it) => [it.name, it])).values()]
}

/** The rows of queued units as they are now, as a part of its own, for whoever reads them more than once. */
export function livePart({ storage, chain }: LowerModel): ChainPart {
  const { live } = namesInChain(storage)
  const rows = trusted(chain.strict?.live ?? '')
  return { name: live.text, sql: sql`${live} as materialized (\n${rows}\n)`.text }
}

/**
 * The rows by which a model is ahead of its stored table, as rows of that table's queue: those stored for the units that are
 * queued as old images, those that the query gives for them as new ones. Where nothing but the unit is asked for, it is
 * known without the query.
 */
export function aheadOf(model: LowerModel, captured: readonly string[]): readonly Sql[] {
  const { storage, unit } = model
  const { dirty, live } = namesInChain(storage)
  const names = unitNames(unit)
  const nulls = captured.map(() => trusted('null'))
  const row = (op: string, old: readonly Sql[], fresh: readonly Sql[], from: Sql) =>
    sql`select ${join([trusted(`'${op}'`), trusted('-1'), trusted('null'), ...old, ...fresh])} from ${from}`
  if (!needsLive(model, captured)) {
    const values = captured.map((it) => names[unit.findIndex(({ name }) => name === it)] ?? trusted('null'))
    return [row('D', values, nulls, dirty)]
  }
  const stored = unit.map(({ name }) => ident('stored', name))
  const table = sql`${dirty} as dirty join ${qualified(storage)} as stored on ${sameUnit(unit, stored)}`
  return [
    row(
      'D',
      captured.map((it) => ident('stored', it)),
      nulls,
      table,
    ),
    row(
      'I',
      nulls,
      captured.map((it) => ident('live', it)),
      sql`${live} as live`,
    ),
  ]
}

/** The rows that a model will have besides those stored, when it has caught up; of its units alone there may be more. */
export function aheadRows({ storage, unit }: LowerModel, columns: readonly string[], isKept: boolean): Sql {
  const { dirty, live } = namesInChain(storage)
  if (isKept) return sql`select ${join(columns.map((it) => ident(it)))} from ${live}`
  const names = unitNames(unit)
  const values = columns.map(
    (it) => sql`${names[unit.findIndex(({ name }) => name === it)] ?? trusted('null')} as ${ident(it)}`,
  )
  return sql`select ${join(values)} from ${dirty}`
}

/** Whether it takes the rows, and not only the units, to follow what a lower model is ahead. */
export function needsLive({ unit }: LowerModel, captured: readonly string[]): boolean {
  return captured.some((column) => !unit.some(({ name }) => name === column))
}

/**
 * The condition stands above the union and not in its branch, so that PostgreSQL takes both branches for tables, whose rows it
 * can look up by a join. A part that is kept needs a subquery for that: there is no looking up in a common table expression.
 */
function strictRows(model: LowerModel, isKept: boolean): Sql {
  const { storage, columns, isShown, unit, chain } = model
  const { dirty, live } = namesInChain(storage)
  const own = unit.map(({ name }) => ident('ahead', name))
  const fresh = isKept ? sql`select * from ${live} offset 0` : trusted(chain.strict?.live ?? '')
  const shown = isShown ? SHOWN : null
  return sql`select ${columnList(columns, 'ahead', shown === null ? null : `ahead.${shown}`)}
from (
select ${columnList(columns, 'stored', shown === null ? null : `stored.${shown}`)}, false as millrace_is_live
from ${qualified(storage)} as stored
union all
select ${columnList(columns, 'live', shown === null ? null : 'true')}, true
from (
${fresh}
) as live
) as ahead
where ahead.millrace_is_live or (${isNoneOf(dirty, unit, own)})`
}

function columnList(columns: readonly string[], alias: string, shown: string | null): Sql {
  const list = columns.map((name) => ident(alias, name))
  return join(shown === null ? list : [...list, sql`${trusted(shown)} as ${ident(SHOWN)}`])
}

function withRows(
  select: SelectStmt,
  models: readonly LowerModel[],
  rowsOf: (model: LowerModel) => Sql,
): SelectStmt {
  if (models.length === 0) return select
  return mapTree(select, ({ node }): Node | undefined => {
    if (!('RangeVar' in node)) return undefined
    const { schemaname: schema = '', relname: name = '', alias } = node.RangeVar
    const model = findLower(models, { schema, name })
    if (model === undefined) return undefined
    return {
      RangeSubselect: {
        subquery: { SelectStmt: parseSelect(rowsOf(model).text) },
        alias: alias ?? { aliasname: name },
      },
    }
  })
}

/** What a query means: with the queries of the models that it reads in place of their rows. */
export function wholeQuery(text: string, models: readonly LowerModel[]): string {
  return models.length === 0 ? text : deparseSelect(overBaseTables(parseSelect(text), models)).text
}

/** The tables that a model comes from, by way of others too. `read`: what its own query reads, or names. */
export function baseTables(
  read: readonly RelationName[],
  models: readonly LowerModel[],
): readonly RelationName[] {
  const own = read.filter((it) => !models.some(({ model, storage }) => isAmong([model, storage], it)))
  const all = [...own, ...models.flatMap(({ chain }) => chain.sources)]
  return all.filter((it, i) => !isAmong(all.slice(0, i), it))
}

function isAmong(relations: readonly RelationName[], { schema, name }: RelationName): boolean {
  return relations.some((it) => it.schema === schema && it.name === name)
}
