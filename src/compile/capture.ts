import {
  captureName,
  newColumn,
  oldColumn,
  QUEUE_SLOTS,
  queueName,
  queueSlotName,
  triggerName,
} from '../sql/names.ts'
import { currentSlot } from '../sql/slots.ts'
import { ident, join, literal, sql, trusted, type Sql } from '../sql/sql.ts'
import { bitOf, maskLiteral, maskOf } from './changed-bits.ts'
import type { CapturedColumn, Interest, PlanSource, RelationName } from './plan.ts'

/** What the capture of one source must do, for all read models of that source together. */
export interface SourceCapture {
  readonly relation: RelationName
  readonly columns: readonly CapturedColumn[]
  readonly interests: readonly Interest[]
}

export interface CaptureSql {
  /** Makes the queue, or adds the columns that it lacks. Every statement can be repeated. */
  readonly queue: readonly string[]
  /** Makes or replaces the trigger functions and triggers. */
  readonly triggers: readonly string[]
  /** The same, one by one. */
  readonly events: readonly EventCapture[]
  readonly down: readonly string[]
}

/** What captures one kind of statement. */
export interface EventCapture {
  readonly event: (typeof EVENTS)[number]
  readonly functionName: RelationName
  /** As `pg_proc.prosrc` has it. */
  readonly body: string
  readonly createFunction: string
  readonly createTrigger: string
}

/**
 * Puts together what the models of one source ask of its capture. The order of the models makes no difference, so that
 * the functions in a database can be compared with what they should be.
 */
export function mergeSources(sources: readonly PlanSource[]): SourceCapture {
  const [first] = sources
  if (first === undefined) throw new Error('no source to capture')

  const interests = sources.flatMap((source) => source.interests)
  const columns = sources.flatMap((source) => source.captured)
  return {
    relation: first.relation,
    columns: [...new Map(columns.map((it) => [it.column, it])).values()],
    interests: [...new Map(interests.map((it) => [textOf(it), it])).entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, interest]) => interest),
  }
}

/** The same for two interests that ask the same; a plan that was stored has its members in another order. */
function textOf({ columns, filter }: Interest): string {
  return JSON.stringify([columns.map(({ name, attnum }) => [name, attnum]), filter?.old, filter?.new])
}

/**
 * Writes the capture of a source. `existing`: columns that the queue has already; adding a column takes an exclusive
 * lock even where it is there.
 */
export function captureSql(source: SourceCapture, existing: readonly string[]): CaptureSql {
  const queue = nameOf(queueName(source.relation))
  const wanted = source.columns.flatMap(({ column, type, collation }) =>
    [oldColumn(column), newColumn(column)].map((name) => ({ name, type: typeOf(type, collation) })),
  )
  const missing = wanted.filter(({ name }) => !existing.includes(name))
  const events = EVENTS.map((event) => eventCapture(source, event, queue))

  return {
    queue: [
      ...createQueue(source.relation, queue),
      ...missing.map(
        ({ name, type }) => sql`alter table ${queue} add column if not exists ${ident(name)} ${type}`.text,
      ),
    ],
    triggers: events.flatMap((it) => [it.createFunction, it.createTrigger]),
    events,
    // With its function goes the trigger: dropping it by name would take the table's owner.
    down: [
      ...EVENTS.map(
        (event) => sql`drop function if exists ${nameOf(captureName(source.relation, event))}() cascade`.text,
      ),
      sql`drop table if exists ${queue}`.text,
    ],
  }
}

type Event = (typeof EVENTS)[number]
type RowEvent = Exclude<Event, 'truncate'>
const EVENTS = ['insert', 'update', 'delete', 'truncate'] as const

/** More rows than this in one statement: recomputing everything costs less than queueing them one by one. */
const MAX_ROWS = 250_000

function createQueue(relation: RelationName, queue: Sql): readonly string[] {
  const slots = [...Array(QUEUE_SLOTS).keys()]
  return [
    `create table if not exists ${queue.text} (
  slot smallint not null,
  xid xid8 not null,
  op "char" not null,
  changed bigint not null,
  note text
) partition by list (slot)`,
    ...slots.map((slot) => {
      const name = nameOf(queueSlotName(relation, slot))
      return sql`create table if not exists ${name} partition of ${queue} for values in (${trusted(String(slot))})`
        .text
    }),
    sql`create index if not exists ${ident(queueName(relation).name + '_xid')} on ${queue} (xid)`.text,
    // The sentinels: a reader that sees them sees every row since the slot was last emptied.
    sql`insert into ${queue} (slot, xid, op, changed)
select slot, '0', 'S', 0
from generate_series(0, ${trusted(String(QUEUE_SLOTS - 1))}) as slot
where not exists (select from ${queue} as present where present.slot = slot.slot and present.xid = '0')`.text,
  ]
}

/**
 * One function per event. The rows are counted in an exception block that reads every column and every filter: a source
 * whose shape has changed must not fail the application's writes. They are inserted outside of it: a subtransaction that
 * writes nothing uses up no subtransaction id (LESSONS 29). Counting first costs a writer half of what collecting the
 * rows in an array does.
 */
function eventCapture(source: SourceCapture, event: Event, queue: Sql): EventCapture {
  const functionName = captureName(source.relation, event)
  const code =
    event === 'truncate'
      ? rebuildMark(queue, literal('the table was truncated'))
      : captureBody(source, event, queue)
  const body = sql`
${code}
`
  return {
    event,
    functionName,
    body: body.text,
    createFunction: sql`create or replace function ${nameOf(functionName)}() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$${body}$millrace$`.text,
    createTrigger: captureTrigger(source.relation, event).text,
  }
}

function rebuildMark(queue: Sql, note: Sql): Sql {
  return sql`begin
  insert into ${queue} (slot, xid, op, changed, note)
  values (${currentSlot()}, pg_current_xact_id(), 'R', -1, ${note});
  return null;
end`
}

function captureBody(source: SourceCapture, event: RowEvent, queue: Sql): Sql {
  const images = imagesOf(source, event)
  const changes = (indent: string) => sql`from ${rows(source, event)}
${trusted(indent)}where ${relevance(source, event)}`
  const names = [...FIXED, ...images.map(({ name }) => ident(name))]
  const values = [...OPERATION[event], ...images.map(({ value }) => value)]
  const read = images.length === 0 ? trusted('1') : join(images.map(({ value }) => value))

  return sql`declare
  relevant bigint;
  problem text;
begin
  begin
    select count(*)
    into relevant
    from (
      select ${read}
      ${changes('      ')}
    ) as changes;
    if relevant > ${trusted(String(MAX_ROWS))} then
      problem := 'one statement changed more than ${trusted(String(MAX_ROWS))} rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;

  if problem is not null then
    insert into ${queue} (slot, xid, op, changed, note)
    values (${currentSlot()}, pg_current_xact_id(), 'R', -1, problem);
  elsif relevant > 0 then
    insert into ${queue} (${join(names)})
    select ${currentSlot()}, pg_current_xact_id(), ${join(values)}
    ${changes('    ')};
  end if;
  return null;
end`
}

const FIXED = ['slot', 'xid', 'op', 'changed'].map(trusted)

/** The queue's columns that the event fills, and what with. */
function imagesOf({ columns }: SourceCapture, event: RowEvent) {
  const old = columns.map(({ column }) => ({ name: oldColumn(column), value: ident('o', column) }))
  const fresh = columns.map(({ column }) => ({ name: newColumn(column), value: ident('n', column) }))
  return { insert: fresh, update: [...old, ...fresh], delete: old }[event]
}

const OPERATION: Readonly<Record<RowEvent, readonly Sql[]>> = {
  insert: [trusted(`'I'`), trusted('-1')],
  delete: [trusted(`'D'`), trusted('-1')],
  update: [
    trusted(`case when o.position is null then 'I' when n.position is null then 'D' else 'U' end`),
    trusted('difference.changed'),
  ],
}

/**
 * The changed rows. Old and new rows of an UPDATE are paired by position. Any pairing is right: what counts is which
 * images went and which came, and a pair that agrees in all columns that an occurrence reads took nothing from it
 * and gave it nothing. The server happens to keep both transition tables in one order, so the pairing is also tight.
 */
function rows(source: SourceCapture, event: RowEvent): Sql {
  if (event === 'insert') return sql`new_rows as n`
  if (event === 'delete') return sql`old_rows as o`

  const used = usedColumns(source)
  const list = (alias: string) =>
    join([sql`row_number() over () as position`, ...used.map(({ name }) => ident(alias, name))])
  const bits = used.map(
    ({ name, attnum }) =>
      sql`case when record_image_ne(row(${ident('o', name)}), row(${ident('n', name)})) then ${trusted(maskLiteral(bitOf(attnum)))} else 0 end`,
  )
  const changed = bits.length === 0 ? trusted('0') : join(bits, '\n                 | ')
  return sql`(select ${list('o')} from old_rows as o) as o
      full join (select ${list('n')} from new_rows as n) as n on n.position = o.position
      cross join lateral (
        select case when o.position is null or n.position is null then -1
               else ${changed} end as changed
      ) as difference`
}

function usedColumns(source: SourceCapture): readonly { readonly name: string; readonly attnum: number }[] {
  const all = source.interests.flatMap((it) => it.columns)
  const captured = source.columns.map(({ column }) => column)
  const used = [...new Map(all.map((it) => [it.name, it])).values()].sort((a, b) => a.attnum - b.attnum)
  const missing = captured.filter((column) => !used.some((it) => it.name === column))
  if (missing.length > 0) throw new Error(`captured but not used: ${missing.join(', ')}`)
  return used
}

/** A row is captured if it matters to any occurrence in any model. */
function relevance(source: SourceCapture, event: RowEvent): Sql {
  const conditions = source.interests.map((interest) => trusted(interestCondition(interest, event)))
  const isAll = conditions.some((it) => it.text === 'true')
  return isAll || conditions.length === 0 ? trusted('true') : join(conditions, '\n         or ')
}

function interestCondition({ columns, filter }: Interest, event: RowEvent): string {
  const passes = {
    insert: filter?.new,
    delete: filter?.old,
    // Both where both images are there; a condition over a missing image is null, so not true.
    update:
      filter === null
        ? undefined
        : `((o.position is not null and (${filter.old})) or (n.position is not null and (${filter.new})))`,
  }[event]
  if (event !== 'update') return passes === undefined ? 'true' : `(${passes})`

  // bitwise and of two negative numbers is negative: rows that came or went pass
  const differs = `difference.changed & ${maskLiteral(maskOf(columns))} <> 0`
  return passes === undefined ? differs : `(${differs} and ${passes})`
}

function captureTrigger(relation: RelationName, event: Event): Sql {
  const transition = {
    insert: sql`
referencing new table as new_rows`,
    update: sql`
referencing old table as old_rows new table as new_rows`,
    delete: sql`
referencing old table as old_rows`,
    truncate: sql``,
  }[event]
  return sql`create or replace trigger ${ident(triggerName(event))}
after ${trusted(event)} on ${nameOf(relation)}${transition}
for each statement execute function ${nameOf(captureName(relation, event))}()`
}

function typeOf(type: string, collation: string | null): Sql {
  return trusted(collation === null ? type : `${type} collate ${collation}`)
}

function nameOf({ schema, name }: RelationName): Sql {
  return ident(schema, name)
}
