import { MillraceError } from '../errors.ts'
import { parseStatements } from '../sql/parse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import { rankKeyIndexName, versionIndexName } from '../sql/names.ts'
import type { PinnedCall } from '../catalog/catalog.ts'
import { allRowsOf } from './all-rows.ts'
import { generatedColumns, readerColumns, readerList } from './decay.ts'
import { pinnedFunction, signatureOf } from './pinned.ts'
import type {
  Plan,
  PlanDecay,
  PlanIndex,
  PlanInstall,
  PlanStatements,
  RelationName,
  UnitColumn,
} from './plan.ts'
import { unitNames } from './resolve.ts'
import { strictPage, strictView } from './strict.ts'

/** An index of the stored table, as declared: column list entries are SQL, `proof_score desc`. */
export interface IndexDeclaration {
  readonly name?: string | undefined
  readonly columns: readonly string[]
  readonly unique?: boolean | undefined
  readonly method?: string | undefined
  readonly where?: string | undefined
}

type StorageParts = Pick<
  Plan,
  | 'model'
  | 'version'
  | 'columns'
  | 'key'
  | 'unit'
  | 'storage'
  | 'pending'
  | 'strictView'
  | 'strictPage'
  | 'decays'
> & {
  /** A leaderboard has an index in its order of its own. */
  readonly isRanked: boolean
  readonly functions: PlanInstall['functions']
  readonly shown: string | null
  readonly sources: readonly RelationName[]
  readonly allRows: RelationName | null
  readonly pinned: readonly PinnedCall[]
}

/** The model's own tables and views. */
export function storageSql(
  parts: StorageParts,
  indexes: readonly IndexDeclaration[],
  strict: PlanStatements['strict'],
): PlanInstall {
  const storage = qualified(parts.storage)
  const pending = qualified(parts.pending)
  const name = qualified(parts.model)
  const view = qualified(parts.strictView)
  const page = qualified(parts.strictPage)
  const { decays = [] } = parts

  const allRows = allRowsOf(parts)
  const pinned = pinnedOf(parts)
  const made = indexes.map((index) => planIndex(index, parts))
  return {
    up: [
      sql`create table if not exists ${storage} (
  ${join(
    [...parts.columns.map((it) => sql`${ident(it.name)} ${typeOf(it)}`), ...generatedColumns(decays)],
    ',\n  ',
  )}
)`.text,
      // The unit's columns first: recompute and the strict read look rows up by unit.
      sql`create unique index if not exists ${ident(`${parts.storage.name}_key`)} on ${storage} (${join(keyOrder(parts))}) nulls not distinct`
        .text,
      ...(parts.isRanked ? [] : decays.map((it) => orderIndex(parts, it).text)),
      createPending(pending, parts.unit).text,
      ...pinned.up,
    ],
    down: [
      sql`drop table if exists ${pending}`.text,
      sql`drop table if exists ${storage}`.text,
      ...pinned.down,
    ],
    indexes: made,
    expose: [
      sql`create or replace view ${name} as
select ${readerList(readerColumns(parts))}
from ${storage}${
        parts.shown === null
          ? trusted('')
          : sql`
where ${ident(parts.shown)}`
      }`.text,
      sql`create or replace view ${view} as
${strictView(parts, strict)}`.text,
      strictPage(parts, strict).text,
      sql`revoke all on function ${page} from public`.text,
    ],
    functions: {
      up: [...allRows.up, ...parts.functions.up],
      down: [...parts.functions.down, ...allRows.down],
    },
    conceal: [
      sql`drop function if exists ${page}`.text,
      sql`drop view if exists ${view}`.text,
      sql`drop view if exists ${name}`.text,
    ],
    ...namedIndexes(made, parts.storage),
  }
}

function pinnedOf({ pinned }: StorageParts): Pick<PlanInstall, 'up' | 'down'> {
  return {
    up: pinned.flatMap((it) => [
      pinnedFunction(it, qualified(it.name)),
      sql`revoke all on function ${signatureOf(it)} from public`.text,
    ]),
    down: pinned.map((it) => sql`drop function if exists ${signatureOf(it)}`.text),
  }
}

function keyOrder({ key, unit }: StorageParts): readonly Sql[] {
  const first = unit.map(({ name }) => name)
  return [...first, ...key.filter((name) => !first.includes(name))].map((name) => ident(name))
}

/** In the order of a page by the decayed score: the key comes last there. */
function orderIndex({ storage, key }: StorageParts, { rankKey }: PlanDecay): Sql {
  const name = ident(rankKeyIndexName(storage, rankKey))
  const columns = [sql`${ident(rankKey)} desc`, ...key.map((it) => ident(it))]
  return sql`create index if not exists ${name} on ${qualified(storage)} (${join(columns)})`
}

/** Units that wait to be recomputed, each once. `retry_at`: set aside with an error until then. */
function createPending(pending: Sql, unit: readonly UnitColumn[]): Sql {
  const names = unitNames(unit)
  const columns = unit.map(({ type }, i) => sql`${names[i] ?? trusted('')} ${trusted(type)}`)
  return sql`create table if not exists ${pending} (
  ${join(columns, ',\n  ')},
  cause text not null,
  error text,
  attempts int not null default 0,
  retry_at timestamptz,
  unique nulls not distinct (${join(names)})
)`
}

/** A declared index on one version's stored table. */
export function planIndex(
  index: IndexDeclaration,
  { storage, version }: Pick<Plan, 'storage' | 'version'>,
): PlanIndex {
  const isNamed = index.name !== undefined
  const made = versionIndexName(storage, version, index.name ?? wordsOf(index), isNamed)
  const table = ident(storage.schema, storage.name)
  return {
    made,
    name: index.name ?? made,
    sql: createIndex(index, table, made).text,
    concurrently: createIndex(index, table, made, 'concurrently ').text,
  }
}

/** Of two versions that both have an index of one name, the one in use has it. */
export function namedIndexes(
  indexes: readonly PlanIndex[],
  { schema }: RelationName,
): Pick<PlanInstall, 'named'> {
  const named = indexes.filter((it) => it.name !== it.made)
  if (named.length === 0) return {}
  const rename = (from: string, to: string) =>
    sql`alter index if exists ${ident(schema, from)} rename to ${ident(to)}`.text
  return {
    named: {
      up: named.map((it) => rename(it.made, it.name)),
      down: named.map((it) => rename(it.name, it.made)),
    },
  }
}

/**
 * Otherwise GIN puts what is written on a list, which every reader goes through until somebody clears it away, as it likes. It is the worker that
 * writes here, and readers that wait: after 6,000 changed rows of 150,000 a search took 3.3 ms and not 1.5; the rows took 0.14 ms each more.
 */
const PLACED_AT_ONCE = ' with (fastupdate = off)'

/** Makes a declared index on a stored table, or on one of the same columns. */
export function createIndex(
  index: IndexDeclaration,
  table: Sql,
  name: string,
  how: '' | 'concurrently ' = '',
): Sql {
  const method = index.method ?? 'btree'
  const statement = sql`create ${trusted(index.unique === true ? 'unique ' : '')}index ${trusted(how)}if not exists ${ident(name)} on ${table} using ${ident(method)} (${trusted(index.columns.join(', '))})${trusted(method === 'gin' ? PLACED_AT_ONCE : '')}${trusted(index.where === undefined ? '' : ` where ${index.where}`)}`
  requireOneIndex(statement, name)
  return statement
}

/** A declared index is SQL that the user wrote: it must be one index and nothing else. */
function requireOneIndex(statement: Sql, name: string): void {
  const outcome = parseStatements(statement.text)
  const isOne = outcome.kind === 'statements' && outcome.statements.length === 1
  if (isOne && outcome.statements[0] !== undefined && 'IndexStmt' in outcome.statements[0]) return
  throw new MillraceError('BAD_INDEX', {
    detail: `${name}: ${outcome.kind === 'problem' ? outcome.problem.message : 'more than one statement'}`,
    hint: `Write each entry as in CREATE INDEX: 'score desc' or 'lower(name)'.`,
  })
}

export function wordsOf({ columns }: IndexDeclaration): string {
  const words = columns.map((column) => column.replaceAll(/[^A-Za-z0-9_]+/g, '_').replaceAll(/^_+|_+$/g, ''))
  return [...words, 'idx'].join('_')
}

export function typeOf({
  type,
  collation,
}: {
  readonly type: string
  readonly collation: string | null
}): Sql {
  return trusted(collation === null ? type : `${type} collate ${collation}`)
}
