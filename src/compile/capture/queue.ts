import { newColumn, oldColumn, QUEUE_SLOTS, queueName, queueSlotName } from '../../sql/names.ts'
import { ident, literal, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { CapturedColumn, RelationName } from '../plan.ts'

export interface QueueParts {
  readonly relation: RelationName
  readonly columns: readonly CapturedColumn[]
  /** Some model of the source is immediate. */
  readonly isApplied: boolean
}

/**
 * Makes the queue of a source, or adds the columns that it lacks. `existing`: columns that it has; adding one takes an
 * exclusive lock even where it is there.
 */
export function queueStatements(
  { relation, columns, isApplied }: QueueParts,
  existing: readonly string[],
): readonly string[] {
  const queue = qualified(queueName(relation))
  const images = columns.flatMap(({ column, type, collation }) =>
    [oldColumn(column), newColumn(column)].map((name) => ({ name, type: typeOf(type, collation) })),
  )
  const added = [...(existing.length === 0 ? [] : LATER_COLUMNS), ...images]
  const missing = added.filter(({ name }) => !existing.includes(name))
  return [
    ...createQueue(relation, queue),
    ...missing.map(
      ({ name, type }) => sql`alter table ${queue} add column if not exists ${ident(name)} ${type}`.text,
    ),
    // What is left to the worker is little, among much that is not.
    ...(isApplied
      ? [
          sql`create index if not exists ${ident(queueName(relation).name + '_deferred')} on ${queue} (xid) where deferred`
            .text,
        ]
      : []),
  ]
}

/** What a queue has for these, so that nothing is to be added. */
export function queuedColumns(columns: readonly CapturedColumn[]): readonly string[] {
  const images = columns.flatMap(({ column }) => [oldColumn(column), newColumn(column)])
  return [...LATER_COLUMNS.map(({ name }) => name), ...images]
}

export function dropQueueColumn(relation: RelationName, column: string): string {
  return sql`alter table ${qualified(queueName(relation))} drop column ${ident(column)}`.text
}

/** With the questions that are called as it is. */
export function dropQueue(relation: RelationName): readonly string[] {
  const queue = qualified(queueName(relation))
  return [
    sql`drop function if exists ${queue}(xid8[], boolean), ${queue}(pg_snapshot, xid8, boolean)`.text,
    sql`drop table if exists ${queue}`.text,
  ]
}

/** Of immediate models; queues of an older version lack them. */
const LATER_COLUMNS = [
  // left to the worker: the transaction could not apply it by itself
  { name: 'deferred', type: trusted('boolean not null default false') },
  // the number of the statement, if the transaction applies it when it commits
  { name: 'statement', type: trusted('bigint') },
]

function createQueue(relation: RelationName, queue: Sql): readonly string[] {
  const slots = [...Array(QUEUE_SLOTS).keys()]
  return [
    `create table if not exists ${queue.text} (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  ${LATER_COLUMNS.map(({ name, type }) => `${name} ${type.text},`).join('\n  ')}
  note text
) partition by list (slot)`,
    ...slots.map((slot) => {
      const name = qualified(queueSlotName(relation, slot))
      return sql`create table if not exists ${name} partition of ${queue} for values in (${trusted(String(slot))})`
        .text
    }),
    sql`create index if not exists ${ident(queueName(relation).name + '_xid')} on ${queue} (xid)`.text,
    // The sentinels: a reader that sees them sees every row since the slot was last emptied.
    sql`insert into ${queue} (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, ${trusted(String(QUEUE_SLOTS - 1))}) as slot
where not exists (select from ${queue} as present where present.slot = slot.slot and present.xid = '0')`.text,
    sql`select millrace.let_ask(${literal(queue.text)}::regclass)`.text,
  ]
}

function typeOf(type: string, collation: string | null): Sql {
  return trusted(collation === null ? type : `${type} collate ${collation}`)
}
