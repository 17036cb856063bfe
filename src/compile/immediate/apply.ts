import { queueName, recomputeFunctionName } from '../../sql/names.ts'
import { join, literal, qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import type { Analysis } from '../../analyze/analysis.ts'
import { edgeLevels, unitLock, type EdgeLevel } from './edge-locks.ts'
import { DATA_ERRORS, raiseFailure } from './failure.ts'
import type { PlanColumn, PlanImmediate, PlanInstall, RelationName, UnitColumn } from '../plan.ts'
import { nullPatterns, recomputeStatement, type NullPattern } from '../recompute.ts'
import { batchesOf, possibleUnit, unitNames, unitsOf } from '../resolve.ts'
import { ownChanges } from '../window.ts'
import { rebuildMark } from '../capture/capture.ts'
import { SHAPE_ERRORS, shapeProblems, type Shaped } from '../capture/shape.ts'

export interface ApplyParts {
  readonly analysis: Analysis
  readonly immediate: PlanImmediate
  readonly model: RelationName
  readonly storage: RelationName
  readonly pending: RelationName
  readonly columns: readonly PlanColumn[]
  readonly key: readonly string[]
  readonly unit: readonly UnitColumn[]
  readonly sources: readonly RelationName[]
  /** The same, with what the statements take for granted of them. */
  readonly shapes: readonly Shaped[]
  readonly allRows: RelationName | null
  /** The query with the units of the parameters injected, for each pattern of nulls. */
  readonly fresh: (nulls: NullPattern) => Sql
  /** Of a model that is kept by adding: PL/pgSQL statements that add what is queued. */
  readonly added: string
}

/** Above this many units one lock of the whole model costs less than a lock for each (LESSONS 10). */
const MAX_LOCKS = 1_000

/** The functions by which a transaction applies, when it commits, what it has queued for an immediate read model. */
export function applyFunctions(parts: ApplyParts): PlanInstall['functions'] {
  const { immediate, storage, unit } = parts
  const patterns = immediate.kind === 'fold' ? [] : nullPatterns(unit)
  const signatures = [
    sql`${qualified(immediate.apply)}(bigint[])`,
    ...patterns.map((nulls, i) => sql`${qualified(recomputeFunctionName(storage, i))}(${parameters(nulls)})`),
  ]
  return {
    up: [
      ...patterns.map((nulls, i) => recomputeFunction(parts, nulls, i)),
      immediate.kind === 'fold' ? addFunction(parts) : applyFunction(parts),
      sql`revoke all on function ${join(signatures)} from public`.text,
    ],
    down: signatures.map((signature) => sql`drop function if exists ${signature}`.text),
  }
}

function parameters(nulls: NullPattern): Sql {
  return join(nulls.filter((isNull) => !isNull).map(() => trusted('text[]')))
}

function addFunction(parts: ApplyParts): string {
  const { immediate, added } = parts
  return sql`create or replace function ${qualified(immediate.apply)}(bigint[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $millrace$
#variable_conflict use_column
declare
  millrace_problem text;
begin
  ${unlessReshaped(parts, sql``)}
${trusted(added)}
end
$millrace$`.text
}

/**
 * What must be asked before anything else is: a source whose shape has changed must not fail the commit of who has written it.
 * The changes of a transaction are queued already, so that a mark is all that is missing for the worker. `look`: a first
 * statement that reads the sources. It locks them, so their shape stays what it is until the end of the transaction.
 */
function unlessReshaped({ shapes }: ApplyParts, look: Sql): Sql {
  return sql`begin
    millrace_problem := ${shapeProblems(shapes)};${look}
  exception when ${trusted(SHAPE_ERRORS)} then
    millrace_problem := sqlerrm;
  end;
  if millrace_problem is not null then
    ${leaveToWorker(shapes, trusted('millrace_problem'))}
    return;
  end if;`
}

/** A mark in the queue of any source of the model: it will read all of them. */
function leaveToWorker([source]: readonly Shaped[], problem: Sql): Sql {
  if (source === undefined) throw new Error('no source to mark')
  return rebuildMark(qualified(queueName(source.relation)), problem, true)
}

/**
 * Under READ COMMITTED each statement has a snapshot of its own, so what is read after a lock contains what its last holder
 * committed: edges first, from near to far; then the units; then the rows. A drain holds the model's lock (EXCLUSIVE on the
 * stored table), which everybody here shares by asking for a weaker one first.
 */
function applyFunction(parts: ApplyParts): string {
  const { analysis, immediate, storage, unit, sources } = parts
  const { ctes, nameOf: batchName } = batchesOf(sources, ownChanges)
  const names = unitNames(unit)
  const all = arrayNames(unit.length)
  const table = qualified(storage)
  const levels = edgeLevels(analysis, storage, batchName).map((level, i) => lockLevel(level, ctes, i))
  const values = unit.map(({ type }, i) => sql`(unit.${names[i] ?? sql``})::${trusted(type)}`)
  const order = join(names.map((name) => sql`units.${name}`))
  const resolved = sql`with ${join(ctes, ',\n')},
  resolved (${join(names)}) as (
${unitsOf(analysis, analysis.paths, unit, batchName, trusted('select now()'))}
  )`
  return sql`create or replace function ${qualified(immediate.apply)}(bigint[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
-- units travel as text, and not every session reads what it prints
set TimeZone = 'UTC'
set DateStyle = 'ISO, YMD'
set IntervalStyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set jit = off
-- planning costs more than running
set plan_cache_mode = force_generic_plan
as $millrace$
#variable_conflict use_column
declare
  ${join(
    all.map((name) => sql`${name} text[]`),
    ';\n  ',
  )};
  millrace_wide boolean;
  millrace_problem text;
begin
  ${unlessReshaped(
    parts,
    sql`
    if millrace_problem is null then
      ${resolved}
      select count(*) > ${trusted(String(MAX_LOCKS))} into millrace_wide
      from (
        select distinct ${join(names)} from resolved where ${possibleUnit(unit)} limit ${trusted(String(MAX_LOCKS + 1))}
      ) as units;
    end if;`,
  )}${
    parts.allRows === null
      ? sql``
      : sql`
  perform ${qualified(parts.allRows)}();`
  }

  if millrace_wide then
    perform set_config('plan_cache_mode', 'force_custom_plan', true);
    lock table ${table} in exclusive mode;
  else
    lock table ${table} in row exclusive mode;${join(levels, '')}
  end if;

  ${resolved}
  select ${join(names.map((name) => sql`array_agg(units.${name}::text order by ${order})`))}
  into ${join(all)}
  from (select distinct ${join(names)} from resolved where ${possibleUnit(unit)}) as units;
  if ${all[0] ?? sql``} is null then
    return;
  end if;

  if not millrace_wide then
    perform pg_advisory_xact_lock(units.id)
    from (
      select distinct ${unitLock(storage, values)} as id
      from unnest(${join(all)}) as unit (${join(names)})
      order by 1
    ) as units;
  end if;
${join(
  nullPatterns(unit).map((nulls, i) => callRecompute(storage, nulls, i)),
  '',
)}
end
$millrace$`.text
}

/** Variables that hold the units: one array for each of their columns. */
function arrayNames(columns: number): readonly Sql[] {
  return [...Array(columns).keys()].map((i) => trusted(`millrace_all_${String(i + 1)}`))
}

/** Locks the edges of one distance from the key, in the order of their ids. */
function lockLevel({ locks }: EdgeLevel, ctes: readonly Sql[], level: number): Sql {
  return sql`
    -- edges, ${trusted(String(level + 1))} away from the key
    perform case when locks.is_exclusive then pg_advisory_xact_lock(locks.id)::text
                 else pg_advisory_xact_lock_shared(locks.id)::text end
    from (
      with ${join(ctes, ',\n      ')}
      select id, bool_or(is_exclusive) as is_exclusive
      from (
${join(locks, '\nunion all\n')}
      ) as edges (id, is_exclusive)
      group by id
      order by id
    ) as locks;`
}

/** The units of which these columns are null, and no others: each pattern has a function of its own. */
function callRecompute(storage: RelationName, nulls: NullPattern, index: number): Sql {
  const names = nulls.map((_, i) => trusted(`u${String(i + 1)}`))
  const given = names.filter((_, i) => nulls[i] !== true).map((it) => sql`array_agg(unit.${it})`)
  const conditions = names.map(
    (it, i) => sql`unit.${it} is ${trusted(nulls[i] === true ? 'null' : 'not null')}`,
  )
  return sql`
  perform ${qualified(recomputeFunctionName(storage, index))}(${join(given)})
  from unnest(${join(arrayNames(nulls.length))}) as unit (${join(names)})
  where ${join(conditions, ' and ')}
  having count(*) > 0;`
}

/**
 * Makes the stored rows of some units equal to the query. What can fail is read first, in a block that writes nothing and so
 * needs no subtransaction id; if it does fail, the units are tried one by one, to tell which.
 */
function recomputeFunction(parts: ApplyParts, nulls: NullPattern, index: number): string {
  const { storage, pending, columns, key, unit } = parts
  const name = qualified(recomputeFunctionName(storage, index))
  const table = qualified(storage)
  const given = nulls.flatMap((isNull) => (isNull ? [] : [0])).map((_, i) => trusted(`$${String(i + 1)}`))
  const write = recomputeStatement({
    storage,
    pending,
    columns,
    key,
    unit,
    fresh: trusted('select * from unnest(millrace_rows)'),
    nulls,
  })
  const oneByOne = sql`if cardinality($1) > 1 then
    for i in 1 .. cardinality($1) loop
      perform ${name}(${join(given.map((it) => sql`${it}[i:i]`))});
    end loop;
    return;
  end if;
  `
  return sql`create or replace function ${name}(${parameters(nulls)}) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $millrace$
#variable_conflict use_column
declare
  millrace_rows ${table}[];
  written int;
  removed int;
  shared_key jsonb;
  problem text;
  code text;
  is_reshaped boolean := false;
begin
  begin
    select array_agg(row(fresh.*)::${table}) into millrace_rows
    from (
${parts.fresh(nulls)}
    ) as fresh;
  exception
    when ${trusted(DATA_ERRORS)} then
      problem := sqlerrm;
      code := sqlstate;
    when ${trusted(SHAPE_ERRORS)} then
      problem := sqlerrm;
      is_reshaped := true;
  end;
  if is_reshaped then
    ${leaveToWorker(parts.shapes, trusted('problem'))}
    return;
  end if;
  if problem is null then
    ${trusted(write)}
    into written, removed, shared_key;
    if shared_key is null then
      return;
    end if;
    problem := 'more than one row has the key ' || shared_key::text;
    code := '23505';
  end if;

  ${given.length === 0 ? trusted('') : oneByOne}${failure(parts, nulls)}
end
$millrace$`.text
}

function failure({ model, unit, pending, immediate }: ApplyParts, nulls: NullPattern): Sql {
  const names = unitNames(unit)
  const value = (i: number): Sql => {
    if (nulls[i] === true) return trusted('null')
    const position = nulls.slice(0, i).filter((isNull) => !isNull).length + 1
    return trusted(`$${String(position)}[1]`)
  }
  if (immediate.onError === 'fail') {
    const key = sql`concat_ws(', ', ${join(unit.map((_, i) => sql`coalesce(${value(i)}, 'null')`))})`
    return raiseFailure(model, unit, { key, code: trusted('code'), problem: trusted('problem') })
  }
  const values = unit.map(({ type }, i) => sql`${value(i)}::${trusted(type)}`)
  return sql`insert into ${qualified(pending)} (${join(names)}, cause, error)
  values (${join(values)}, ${literal('error')}, problem)
  on conflict (${join(names)}) do update set cause = excluded.cause, error = excluded.error, retry_at = null;`
}
