import { readerColumns } from '../compile/decay.ts'
import type { CompiledDeclarations } from '../migrate/compile-declared.ts'
import type { CompiledModel } from '../migrate/compile-model.ts'
import type { CompiledRefresh } from '../migrate/compile-refreshed.ts'
import type { Client } from '../pg/client.ts'
import { displayName } from '../sql/names.ts'
import { neverNullOutputs } from './never-null.ts'
import { readJsonTypes } from './read-json-types.ts'
import { readValueTypes } from './read-value-types.ts'
import type { ColumnType, ModelType } from './value-type.ts'

interface TypedColumns extends Omit<ModelType, 'columns'> {
  readonly query: string
  readonly columns: readonly { readonly name: string; readonly type: string; readonly isNullable: boolean }[]
}

/** The types of every declared read model, in the order of their names. Needs the parser. */
export async function readModelTypes(
  client: Client,
  { models, schedule }: Pick<CompiledDeclarations, 'models' | 'schedule'>,
): Promise<readonly ModelType[]> {
  const all = [...models.map(keptColumns), ...schedule.refreshed.map(refreshedColumns)]
  const typeOf = await readValueTypes(
    client,
    all.flatMap(({ columns }) => columns.map(({ type }) => type)),
  )
  const typed: ModelType[] = []
  for (const { query, ...it } of all) {
    const columns = it.columns.map((column) => ({ ...column, type: typeOf(column.type) }))
    typed.push({ ...it, columns: await withContents(client, query, columns) })
  }
  return typed.toSorted((a, b) => (displayName(a.model) < displayName(b.model) ? -1 : 1))
}

/** What is in json, as far as the query shows it. */
async function withContents(
  client: Client,
  query: string,
  columns: readonly ColumnType[],
): Promise<readonly ColumnType[]> {
  const names = columns.filter(({ type }) => type.kind === 'json').map(({ name }) => name)
  if (names.length === 0) return columns
  const contents = await readJsonTypes(client, query, names)
  return columns.map((column) => {
    const found = contents.get(column.name)
    if (found === undefined || column.type.kind !== 'json') return column
    const isNullable = column.isNullable && found.isNullable
    return { ...column, isNullable, type: { ...column.type, content: found.type } }
  })
}

function keptColumns({ definition, plan }: CompiledModel): TypedColumns {
  const proved = new Set([...(plan.notNull ?? []), ...neverNullOutputs(plan.query)])
  return {
    query: plan.settings?.query ?? plan.chain?.query ?? plan.query,
    model: plan.model,
    strict: plan.strictView.name,
    key: plan.key,
    freshness: definition.freshness ?? 'eventual',
    within: plan.leaderboard?.trees.map(({ within }) => within).filter((it) => it.length > 0) ?? null,
    columns: readerColumns(plan).map(({ name, type }) => ({ name, type, isNullable: !proved.has(name) })),
  }
}

function refreshedColumns({ definition, plan }: CompiledRefresh): TypedColumns {
  const proved = new Set(neverNullOutputs(plan.query))
  return {
    query: plan.query,
    model: plan.model,
    strict: plan.strictView.name,
    key: plan.key,
    freshness: { every: definition.schedule.every },
    within: null,
    columns: plan.columns.map(({ name, type }) => ({ name, type, isNullable: !proved.has(name) })),
  }
}
