import { captureName, nestedName, newColumn, oldColumn, queueName, triggerName } from '../../sql/names.ts'
import { ident, join, literal, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import {
  appliedColumns,
  appliers,
  applierVariables,
  applyInPlace,
  declareAppliers,
  isAllAdded,
  markForCommit,
  noteNested,
  numberStatement,
  type Applier,
} from './appliers.ts'
import type { CapturedColumn, Interest, PlanSource, RelationName, SourceColumn } from '../plan.ts'
import { dropQueue, queueStatements } from './queue.ts'
import { NESTED, relevance } from './relevance.ts'
import { currentSlot } from '../../sql/slots.ts'
import { shapeProblem } from './shape.ts'
import { changedRows, type RowEvent, type UsedColumn } from './transition.ts'

/** What the capture of one source must do, for all read models of that source together. */
export interface SourceCapture {
  readonly relation: RelationName
  readonly columns: readonly CapturedColumn[]
  /** Of the eventual models. */
  readonly interests: readonly Interest[]
  /** The immediate models, in the order in which every writer comes to them. */
  readonly appliers: readonly Applier[]
  /** What all of them take for granted of the source. */
  readonly shape: readonly SourceColumn[]
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

  const interests = sources.filter(({ applied }) => applied === null).flatMap((source) => source.interests)
  const columns = sources.flatMap((source) => source.captured)
  const used = sources.flatMap((source) => source.interests).flatMap((it) => it.columns)
  const attnums = new Map(used.map(({ name, attnum }) => [name, attnum]))
  const place = ({ column }: CapturedColumn) => attnums.get(column) ?? 0
  return {
    relation: first.relation,
    columns: [...new Map(columns.map((it) => [it.column, it])).values()].sort((a, b) => place(a) - place(b)),
    interests: [...new Map(interests.map((it) => [textOf(it), it])).entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, interest]) => interest),
    appliers: appliers(sources),
    shape: mergeShapes(sources),
  }
}

/** What two models take for granted differently no source can meet: then both wait for the next migration. */
function mergeShapes(sources: readonly PlanSource[]): readonly SourceColumn[] {
  const all = sources.flatMap(({ shape = [] }) => shape)
  const keyOf = ({ column, attnum, type, collation }: SourceColumn) =>
    JSON.stringify([attnum, column, type, collation])
  const columns = [...new Map(all.map((it) => [keyOf(it), it])).entries()]
  return columns
    .sort(([, a], [, b]) => a.attnum - b.attnum)
    .map(([key, it]) => ({
      ...it,
      isNeverNull: all.some((other) => other.isNeverNull && keyOf(other) === key),
    }))
}

/** The same for two interests that ask the same; a plan that was stored has its members in another order. */
function textOf({ columns, filter }: Interest): string {
  return JSON.stringify([columns.map(({ name, attnum }) => [name, attnum]), filter?.old, filter?.new])
}

/** Writes the capture of a source. `existing`: columns that the queue has already. */
export function captureSql(source: SourceCapture, existing: readonly string[]): CaptureSql {
  const queue = qualified(queueName(source.relation))
  const events = EVENTS.map((event) => eventCapture(source, event, queue))
  return {
    queue: queueStatements({ ...source, isApplied: source.appliers.length > 0 }, existing),
    triggers: [
      ...events.flatMap((it) => [it.createFunction, it.createTrigger]),
      ...noteNested(source.relation, source.appliers),
      sql`select millrace.let_owner_release(${literal(qualified(source.relation).text)}::regclass)`.text,
    ],
    events,
    // With its function goes the trigger: dropping it by name would take the table's owner.
    down: [
      ...EVENTS.map(
        (event) =>
          sql`drop function if exists ${qualified(captureName(source.relation, event))}() cascade`.text,
      ),
      sql`drop function if exists ${qualified(nestedName(source.relation))}() cascade`.text,
      ...dropQueue(source.relation),
    ],
  }
}

type Event = (typeof EVENTS)[number]
const EVENTS = ['insert', 'update', 'delete', 'truncate'] as const

/** More rows than this in one statement: recomputing everything costs less than queueing them one by one. */
const MAX_ROWS = 250_000

/**
 * One function per event. In an exception block the source's shape is looked at, and the rows are counted by all filters: a source
 * whose shape has changed must not fail the application's writes. They are inserted outside of it: a subtransaction that
 * writes nothing uses up no subtransaction id (LESSONS 29). Counting first costs a writer half of what collecting the
 * rows in an array does.
 */
function eventCapture(source: SourceCapture, event: Event, queue: Sql): EventCapture {
  const functionName = captureName(source.relation, event)
  const code =
    event === 'truncate'
      ? sql`begin
  ${rebuildMark(queue, literal('the table was truncated'), source.appliers.length > 0)}
  return null;
end`
      : captureBody(source, event, queue)
  const body = sql`
${code}
`
  return {
    event,
    functionName,
    body: body.text,
    createFunction: sql`create or replace function ${qualified(functionName)}() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$${body}$millrace$`.text,
    createTrigger: captureTrigger(source.relation, event).text,
  }
}

/**
 * Queues that all of a source's models are to be rebuilt. No transaction can tell by itself what that must do, so for immediate
 * models (`isApplied`: there are such) it is left to the worker.
 */
export function rebuildMark(queue: Sql, note: Sql, isApplied: boolean): Sql {
  const [column, value] = isApplied ? [', deferred', ', true'] : ['', '']
  return sql`insert into ${queue} (slot, xid, op, changed, note${trusted(column)})
  values (${currentSlot()}, pg_current_xact_id(), 'R', -1, ${note}${trusted(value)});`
}

function captureBody(source: SourceCapture, event: RowEvent, queue: Sql): Sql {
  const { appliers: immediate } = source
  const images = imagesOf(source, event)
  const applied = appliedColumns(immediate)
  const isRelevant = relevance(source, event)
  const changes = (indent: string) => sql`from ${changedRows(event, usedColumns(source))}
${trusted(indent)}where ${isRelevant}`
  const names = [...FIXED, ...images.map(({ name }) => ident(name)), ...applied.map(({ name }) => name)]
  const values = [...OPERATION[event], ...[...images, ...applied].map(({ value }) => value)]
  const applies = applierVariables(immediate, event)
  const read = [...images.map(({ value }) => value), ...applies.map(({ condition }) => condition)]

  const directive =
    immediate.length === 0
      ? sql``
      : sql`#variable_conflict use_column
`
  return sql`${directive}declare
  relevant bigint;
  problem text;${declareAppliers(immediate, event)}
begin
  begin
    problem := ${shapeProblem(source)};
    if problem is null${isAllAdded(source) ? sql` and ${NESTED}` : sql``} then
      select ${join([trusted('count(*)'), ...applies.map(({ name }) => sql`coalesce(bool_or(changes.${name}), false)`)])}
      into ${join([trusted('relevant'), ...applies.map(({ name }) => name)])}
      from (
        select ${read.length === 0 ? trusted('1') : join(read)}
        ${changes('        ')}
      ) as changes;
    end if;
    if relevant > ${trusted(String(MAX_ROWS))} then
      problem := 'one statement changed more than ${trusted(String(MAX_ROWS))} rows';
    end if;
  exception when others then
    problem := sqlerrm;
  end;
${applyInPlace(source, event)}
  if problem is not null then
    ${rebuildMark(queue, trusted('problem'), immediate.length > 0)}
  elsif relevant > 0 then${numberStatement(immediate)}
    insert into ${queue} (${join(names)})
    select ${currentSlot()}, pg_current_xact_id(), ${join(values)}
    ${changes('    ')};${markForCommit(immediate, event)}
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

function usedColumns(source: SourceCapture): readonly UsedColumn[] {
  const interests = [...source.interests, ...source.appliers.flatMap((it) => it.interests)]
  const all = interests.flatMap((it) => it.columns)
  const captured = source.columns.map(({ column }) => column)
  const used = [...new Map(all.map((it) => [it.name, it])).values()].sort((a, b) => a.attnum - b.attnum)
  const missing = captured.filter((column) => !used.some((it) => it.name === column))
  if (missing.length > 0) throw new Error(`captured but not used: ${missing.join(', ')}`)
  return used
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
after ${trusted(event)} on ${qualified(relation)}${transition}
for each statement execute function ${qualified(captureName(relation, event))}()`
}
