import type { ErrorCode } from '../errors.ts'
import type { Relation } from '../catalog/catalog.ts'
import { HOME } from '../sql/names.ts'
import type { Declared } from './analysis.ts'

export interface SourceProblem {
  readonly code: ErrorCode
  readonly detail: string
  readonly hint: string
}

const KINDS: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
}

/** Why a relation cannot be captured, if it cannot. `columns`: those that the query reads. */
export function sourceProblem(
  relation: Relation,
  columns: readonly string[],
  { readableBy }: Pick<Declared, 'readableBy'>,
): SourceProblem | undefined {
  const name = `${relation.schema}.${relation.name}`
  if (relation.schema === 'pg_catalog' || relation.schema === 'information_schema') {
    return catalogProblem(name)
  }
  if (relation.schema === HOME && relation.readModel === undefined) return ownProblem(name)
  const kind = KINDS[relation.kind]
  if (kind !== undefined) {
    const hint =
      relation.kind === 'v' ? 'Write the query of the view in its place.' : 'Read an ordinary table.'
    return refuse('SOURCE_NOT_A_TABLE', `${name} is ${kind}`, hint)
  }
  if (relation.hasChildren || relation.isPartition) {
    const what = relation.isPartition ? 'a partition' : 'a table with child tables'
    return refuse('SOURCE_NOT_A_TABLE', `${name} is ${what}`, 'Read an ordinary table.')
  }
  if (relation.hasForeignPartitions) {
    return refuse(
      'SOURCE_NOT_A_TABLE',
      `${name} has foreign tables among its partitions`,
      'Read ordinary tables.',
    )
  }
  if (relation.persistence !== 'p') {
    const what = relation.persistence === 'u' ? 'unlogged' : 'temporary'
    return refuse('SOURCE_NOT_LOGGED', `${name} is ${what}`, `Run: alter table ${name} set logged.`)
  }
  if (relation.rowSecurity && readableBy === undefined) return rowSecurity(name)
  const virtual = relation.columns.find((it) => it.generated === 'v' && columns.includes(it.name))
  if (virtual === undefined) return undefined
  const hint = 'Write its expression into the query, or make the column STORED.'
  return refuse('SOURCE_COLUMN_NOT_CAPTURED', `${name}.${virtual.name} is a virtual generated column`, hint)
}

/** Only through its name is it known which columns and rows of a read model are for readers. */
export function ownProblem(name: string): SourceProblem {
  return refuse('SOURCE_NOT_A_TABLE', `${name} is Millrace's own`, 'Read a read model by its name.')
}

export function catalogProblem(name: string): SourceProblem {
  return refuse('SOURCE_NOT_A_TABLE', `${name} is a system catalog`, 'Read tables of your own.')
}

export function rowSecurity(name: string): SourceProblem {
  const hint = `Name the roles that may read all of the read model: readableBy: ['support'].`
  return refuse('SOURCE_HAS_ROW_SECURITY', `${name} has row-level security`, hint)
}

function refuse(code: ErrorCode, detail: string, hint: string): SourceProblem {
  return { code, detail, hint }
}
