import type { Plan, RelationName } from '../../compile/plan.ts'
import type { Client } from '../../pg/client.ts'
import { allowedTexts } from './constants.ts'
import { TABLES } from './tables.sql.ts'

export interface FuzzColumn {
  readonly name: string
  /** As `format_type` prints it, of a domain the type below it. */
  readonly type: string
  /** `pg_type.typcategory`: N for numbers, S for text … */
  readonly category: string
  /** The type of its elements, if it is an array. */
  readonly element: string | null
  readonly labels: readonly string[]
  /** Texts that a check of this column alone names: as a rule there are no others. */
  readonly allowed: readonly string[]
  /** Of `varchar(n)`: n. */
  readonly length: number | null
  readonly isRequired: boolean
  readonly hasDefault: boolean
}

export interface ForeignKey {
  readonly columns: readonly string[]
  readonly table: RelationName
  readonly referenced: readonly string[]
}

/** A table of the application, as far as random writes need to know it. */
export interface FuzzTable extends RelationName {
  /** Those that can be written to. */
  readonly columns: readonly FuzzColumn[]
  /** The primary key, else all columns: what a row is found by. */
  readonly key: readonly string[]
  readonly foreignKeys: readonly ForeignKey[]
  /** Conditions of its checks, as SQL. */
  readonly checks: readonly string[]
}

/**
 * The tables to write to: those that are named, else all that the models read, and those that these refer to, so that there are rows
 * to refer to.
 */
export async function readTables(
  client: Client,
  plans: readonly Plan[],
  named: readonly string[] | undefined,
): Promise<readonly FuzzTable[]> {
  const all = (await client.query<FuzzTable & object>(TABLES)).map(withAllowed)
  const isNamed = (it: RelationName) =>
    named?.includes(it.name) === true || named?.includes(`${it.schema}.${it.name}`) === true
  if (named !== undefined) return all.filter(isNamed)

  const sources = plans.flatMap((plan) => [
    ...(plan.chain?.sources ?? []),
    ...plan.sources.map((it) => it.relation),
  ])
  const wanted = new Set(all.filter((it) => sources.some((source) => isSame(source, it))))
  // A set grows while it is read: what is referred to refers to others.
  for (const { foreignKeys } of wanted) {
    for (const { table } of foreignKeys) {
      const found = all.find((it) => isSame(it, table))
      if (found !== undefined) wanted.add(found)
    }
  }
  return [...wanted]
}

function withAllowed(table: FuzzTable): FuzzTable {
  const columns = table.columns.map((it) => ({ ...it, allowed: allowedTexts(it.name, table.checks) }))
  return { ...table, columns }
}

export function isSame(a: RelationName, b: RelationName): boolean {
  return a.schema === b.schema && a.name === b.name
}
