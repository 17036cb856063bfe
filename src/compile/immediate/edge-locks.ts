import { createHash } from 'node:crypto'
import type { Analysis, Hop, Path } from '../../analyze/analysis.ts'
import { columnRefsIn, namesOf } from '../../analyze/ast/nodes.ts'
import { deparseExpression, shapeOf } from '../../sql/deparse.ts'
import { ident, join, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import { SIGN } from '../fold/fold-deltas.ts'
import type { RelationName } from '../plan.ts'
import { images, occurrenceOf } from '../resolve.ts'

/**
 * The locks that keep two transactions apart of which neither sees the other's change: one renames a user, the other gives
 * him a project (LESSONS 8). An edge is an equality that a path goes along. Who changes its far side locks the value
 * exclusively before looking for what is near; who changes something near shares the locks of all edges that lead
 * outwards from there, walking from near to far. Both happen in the order of the edges' distance from the key, so
 * that two transactions never wait for each other.
 */
export interface EdgeLevel {
  /** SELECTs of `id` and `is_exclusive`, one for each way in which a change may touch an edge of this distance. */
  readonly locks: readonly Sql[]
}

/** `batchName`: the rows of a source that this transaction has changed. */
export function edgeLevels(
  analysis: Analysis,
  storage: RelationName,
  batchName: (source: RelationName) => Sql,
): readonly EdgeLevel[] {
  const edges = indirectPaths(analysis)
  const depth = Math.max(0, ...edges.map(({ hops }) => hops.length))
  return [...Array(depth).keys()].map((i) => ({
    locks: distinct(
      edges
        .filter(({ hops }) => hops.length === i + 1)
        .flatMap((edge) => [
          farLock(analysis, storage, edge, batchName),
          ...edge.hops.map((_, at) => nearLock(analysis, storage, edge, at, batchName)),
        ]),
    ),
  }))
}

/** Columns of an occurrence that the locks are made from. */
export function capturedByLocks(analysis: Analysis, alias: string): readonly string[] {
  const read = indirectPaths(analysis).flatMap((edge) => [
    ...edge.hops.flatMap(({ conditions }) => columnRefsIn(conditions)),
  ])
  const own = read.map((ref) => namesOf(ref.fields)).filter(([table]) => table === alias)
  return [...new Set(own.map(([, column]) => column ?? ''))]
}

/** The id of a lock on a unit: a number that is the same for equal values. */
export function unitLock(storage: RelationName, values: readonly Sql[]): Sql {
  return sql`hash_record_extended(row(${join(values)}), ${seed(storage, 'unit')})`
}

function indirectPaths({ paths }: Analysis): readonly Path[] {
  return paths.filter(({ hops }) => hops.length > 0)
}

/** Both images: from the one row the far side was torn off, to the other it was tied. */
function farLock(
  analysis: Analysis,
  storage: RelationName,
  edge: Path,
  batchName: (source: RelationName) => Sql,
): Sql {
  const { columns } = sharedColumns(edge)
  const occurrence = occurrenceOf(analysis, edge.occurrence)
  const values = columns.map(({ far }) => ident(edge.occurrence, far))
  const rows = images(
    occurrence,
    columns.map(({ far }) => far),
    batchName(occurrence.relation),
  )
  return sql`select ${lockId(storage, edge, values)}, true
from (${rows}) as ${ident(edge.occurrence)}
where ${notNull(values)}`
}

/** From a changed row of the table at `at` of the way, outwards over present rows to the edge's near side. */
function nearLock(
  analysis: Analysis,
  storage: RelationName,
  edge: Path,
  at: number,
  batchName: (source: RelationName) => Sql,
): Sql {
  const { near, columns } = sharedColumns(edge)
  const start = edge.hops[at]
  if (start === undefined) throw new Error('no such hop')
  const occurrence = occurrenceOf(analysis, start.alias)
  const outwards = edge.hops.slice(0, at).toReversed()
  const joins = outwards.map(({ alias, relation }, i) => {
    const inner = edge.hops[at - i]
    if (relation === null) throw new Error('rows that are computed have no lock')
    return sql`
join ${qualified(relation)} as ${ident(alias)} on ${conditionsOf(inner)}`
  })
  const own = capturedByLocks(analysis, start.alias)
  const values = columns.map((it) => ident(near, it.near))
  return sql`select ${lockId(storage, edge, values)}, false
from (${images(occurrence, own, batchName(occurrence.relation), SIGN)}) as ${ident(start.alias)}${join(joins, '')}
where ${ident(start.alias)}.${SIGN} > 0 and ${notNull(values)}`
}

function conditionsOf(hop: Hop | undefined): Sql {
  return join((hop?.conditions ?? []).map(deparseExpression), ' and ')
}

/**
 * The columns of one type that the edge equates: only they hash alike on both sides. Where there are none the edge has one
 * lock for all values, which is as right and lets fewer work at once.
 */
function sharedColumns({ occurrence, hops }: Path) {
  const [near] = hops
  if (near === undefined) throw new Error('a direct path has no edge')
  const columns = near.equals
    .filter(({ table }) => table === occurrence)
    .map(({ column, equalColumn }) => ({ near: column, far: equalColumn }))
  return { near: near.alias, columns }
}

function lockId(storage: RelationName, { occurrence, hops }: Path, values: readonly Sql[]): Sql {
  // Its distance too: each level is locked at one go, and no lock is asked for twice.
  const edge = seed(storage, `${occurrence} ${shapeOf([hops.length, hops[0]?.alias, hops[0]?.conditions])}`)
  return values.length === 0 ? edge : sql`hash_record_extended(row(${join(values)}), ${edge})`
}

/** Advisory locks are numbers, shared by the whole database: a hash keeps models and edges apart. */
function seed({ schema, name }: RelationName, what: string): Sql {
  const hash = createHash('sha256').update(`${schema}.${name} ${what}`).digest()
  return trusted(`'${String(hash.readBigInt64BE())}'::bigint`)
}

function notNull(values: readonly Sql[]): Sql {
  const conditions = values.map((it) => sql`${it} is not null`)
  return conditions.length === 0 ? trusted('true') : join(conditions, ' and ')
}

function distinct(all: readonly Sql[]): readonly Sql[] {
  return [...new Map(all.map((it) => [it.text, it])).values()]
}
