import { MillraceError } from '../errors.ts'
import { parseStatements } from '../sql/parse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import { rankKeyIndexName } from '../sql/names.ts'
import type { PinnedCall } from '../catalog/catalog.ts'
import { allRowsOf } from './all-rows.ts'
import { generatedColumns, readerColumns, readerList } from './decay.ts'
import { pinnedFunction, signatureOf } from './pinned.ts'
import type { Plan, PlanDecay, PlanInstall, PlanStatements, RelationName, UnitColumn } from './plan.ts'
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
  'model' | 'columns' | 'key' | 'unit' | 'storage' | 'pending' | 'strictView' | 'strictPage' | 'decays'
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
      ...indexes.map((index) => createIndex(index, storage, parts.model.name).text),
      createPending(pending, parts.unit).text,
      ...pinned.up,
      ...allRows.up,
      sql`create or replace view ${view} as
${strictView(parts, strict)}`.text,
      strictPage(parts, strict).text,
      sql`revoke all on function ${page} from public`.text,
    ],
    down: [
      sql`drop function if exists ${page}`.text,
      sql`drop view if exists ${view}`.text,
      ...allRows.down,
      sql`drop table if exists ${pending}`.text,
      sql`drop table if exists ${storage}`.text,
      ...pinned.down,
    ],
    expose: [
      sql`create or replace view ${name} as
select ${readerList(readerColumns(parts))}
from ${storage}${
        parts.shown === null
          ? trusted('')
          : sql`
where ${ident(parts.shown)}`
      }`.text,
    ],
    functions: parts.functions,
    conceal: [sql`drop view if exists ${name}`.text],
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

/** Makes a declared index on the stored table, or on one of the same columns. */
export function createIndex(index: IndexDeclaration, storage: Sql, model: string): Sql {
  const name = index.name ?? defaultName(model, index)
  const statement = sql`create ${trusted(index.unique === true ? 'unique ' : '')}index if not exists ${ident(name)} on ${storage} using ${ident(index.method ?? 'btree')} (${trusted(index.columns.join(', '))})${trusted(index.where === undefined ? '' : ` where ${index.where}`)}`
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

function defaultName(model: string, { columns }: IndexDeclaration): string {
  const words = columns.map((column) => column.replaceAll(/[^A-Za-z0-9_]+/g, '_').replaceAll(/^_+|_+$/g, ''))
  return [model, ...words, 'idx'].join('_').slice(0, 63)
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
