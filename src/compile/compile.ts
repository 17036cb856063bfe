import type { Analysis, Occurrence } from '../analyze/analysis.ts'
import { columnRef, namesOf } from '../analyze/ast/nodes.ts'
import { mapTree } from '../analyze/ast/walk.ts'
import type { CanonicalQuery, OutputColumn, Pinned, Relation } from '../catalog/catalog.ts'
import { deparseExpression, deparseSelect } from '../sql/deparse.ts'
import {
  allRowsName,
  pendingName,
  queueName,
  storageName,
  strictPageName,
  strictViewName,
} from '../sql/names.ts'
import type { Node } from '../sql/parse.ts'
import { ident, join, sql, trusted, type Sql } from '../sql/sql.ts'
import { computedRankKeys, readerColumns, readerList } from './decay.ts'
import { applyFunctions, type ApplyParts } from './immediate/apply.ts'
import { capturedByLocks } from './immediate/edge-locks.ts'
import { capturedByFolds } from './fold/fold-deltas.ts'
import { describeFolds, foldedOccurrences } from './fold/fold-layout.ts'
import { addedAtCommit, appliedTo, layEventual, layImmediate, type Kept, type ModelNames } from './kept.ts'
import type {
  Interest,
  Plan,
  PlanColumn,
  PlanInstall,
  PlanPace,
  PlanPath,
  PlanSettings,
  PlanSource,
  RelationName,
  SourceColumn,
  UnitColumn,
} from './plan.ts'
import { signatureOf } from './pinned.ts'
import { capturedBy, occurrenceOf, pathSelects } from './resolve.ts'
import { SHOWN } from './immediate/shown-rows.ts'
import type { RankDeclaration } from './leaderboard/declared-order.ts'
import { compileLeaderboard, withRanks } from './leaderboard/leaderboard.ts'
import { calledBy, findLower, lowerModel } from './chain.ts'
import type { RefreshPlan } from './refresh/refresh-plan.ts'
import type { StatementParts } from './statement-parts.ts'
import { Statements } from './statements.ts'
import { StrictStatements } from './strict-statements.ts'
import { storageSql, type IndexDeclaration } from './storage.ts'

export interface CompileInput {
  readonly model: RelationName
  readonly version: number
  readonly key: readonly string[]
  /** `eventual` where nothing is said. */
  readonly freshness?: 'eventual' | 'immediate' | undefined
  /** `fail` where nothing is said. */
  readonly onError?: 'fail' | 'queue' | undefined
  readonly indexes: readonly IndexDeclaration[]
  /** How rows are ranked; absent: they are not. */
  readonly leaderboard?: RankDeclaration | undefined
  /** How it is drained; absent: as soon as may be. */
  readonly pace?: PlanPace | undefined
  /** Roles that may read it; absent: that is not restricted. */
  readonly readableBy?: readonly string[] | undefined
  readonly query: CanonicalQuery
  readonly analysis: Analysis
  /** Plans of the read models that the query may read; of others than it reads, too. */
  readonly models?: readonly (Plan | RefreshPlan)[] | undefined
}

/** Writes everything that keeps a read model: a pure function from a query and what is known of it to SQL text. */
export function compile(input: CompileInput): Plan {
  const { model, version, key, indexes, onError = 'fail' } = input
  const query = withoutViews(input)
  const { decays, pinned } = query
  const storage = storageName(model, version)
  const pending = pendingName(storage)
  const kept = input.freshness === 'immediate' ? layImmediate({ ...input, onError }) : layEventual(input)
  const { analysis, layout, immediate } = kept
  const visible = query.columns.map((column, i) => visibleColumn(column, i, analysis, decays))
  const unit = analysis.unit.map(({ name, type, nullable }) => ({ name, type, nullable }))
  const sources = sourcesOf(kept, { model, storage, pending, unit })
  const names = {
    model,
    version,
    key,
    columns: [...visible, ...layout.hidden],
    unit,
    storage,
    pending,
    strictView: strictViewName(model),
    strictPage: strictPageName(model),
    ...(decays.length > 0 && { decays }),
  }
  const lower = (input.models ?? [])
    .map(lowerModel)
    .filter((it) => sources.some(({ relation }) => findLower([it], relation) !== undefined))
  const parts = {
    ...names,
    query,
    analysis,
    folds: layout,
    sources: sources.map((it) => it.relation),
    isImmediate: immediate !== null,
    shown: kept.rows === null ? null : SHOWN,
    pinned: pinned?.calls ?? [],
    allRows: input.readableBy === undefined ? null : allRowsName(storage),
    lower,
  }
  const statements = new Statements(parts)
  const reads = new StrictStatements(parts)
  const functions = functionsOf(kept, { ...parts, shapes: sources }, statements)
  const isRanked = input.leaderboard !== undefined
  const readers = readersQuery(names, query).text
  const chain = { ...reads.chain(readers), ...calledBy(lower, parts.allRows, parts.pinned) }
  const install = storageSql({ ...parts, sources: chain.sources, functions, isRanked }, indexes, reads.strict)
  const plan: Plan = {
    format: 1,
    query: readers,
    ...names,
    immediate,
    sources,
    paths: describePaths(analysis, unit),
    clocks: analysis.clocks.map(({ alias, column }) => {
      const { schema, name } = occurrenceOf(analysis, alias).relation
      return { relation: { schema, name }, columns: [column] }
    }),
    folds: describeFolds(analysis, query),
    install,
    statements: statements.all(reads),
    ...(pinned !== undefined && {
      settings: settingsOf(pinned, readersQuery(names, { ...query, text: pinned.text })),
    }),
    ...(input.readableBy !== undefined && { readableBy: input.readableBy }),
    ...(input.pace !== undefined && { pace: input.pace }),
    ...(lower.length > 0 && { models: lower.map(({ model, storage: rows }) => ({ model, storage: rows })) }),
    notNull: analysis.notNull,
    chain,
  }
  const { leaderboard: declaration } = input
  if (declaration === undefined) return plan
  return withRanks(plan, compileLeaderboard({ ...names, outputs: query.columns, declaration }))
}

/** The query with the scores of the moment in the place of their parts. */
function readersQuery(names: Pick<Plan, 'columns' | 'decays'>, { text, decays }: CanonicalQuery): Sql {
  if (decays.length === 0) return trusted(text)
  return sql`select ${readerList(readerColumns(names))}
from (
${trusted(text)}
) as live${computedRankKeys(decays, 'live')}`
}

function settingsOf({ settings, calls }: Pinned, query: Sql): PlanSettings {
  return { values: settings, query: query.text, functions: calls.map((it) => signatureOf(it).text) }
}

function visibleColumn(
  { name, type, collation }: OutputColumn,
  output: number,
  { anyOrder }: Analysis,
  decays: CanonicalQuery['decays'],
): PlanColumn {
  const list = anyOrder.find((it) => it.output === output)
  const hidden = decays.some(({ score, at }) => name === score || name === at)
  const column = { name, type, collation, hidden }
  return list === undefined ? column : { ...column, elements: list.elements }
}

/** Who replaces a view replaces the query: what is kept is what the view was, until the next plan says so. */
function withoutViews({ query, analysis }: CompileInput): CanonicalQuery {
  const readsViews = query.relations.some(({ definition }) => definition !== null)
  return readsViews ? { ...query, text: deparseSelect(analysis.select).text } : query
}

function functionsOf(
  kept: Kept,
  parts: StatementParts & Pick<Plan, 'model'> & Pick<ApplyParts, 'shapes'>,
  statements: Statements,
): PlanInstall['functions'] {
  const { immediate } = kept
  if (immediate === null) return { up: [], down: [] }
  return applyFunctions({
    ...parts,
    immediate,
    fresh: (nulls) => statements.fresh(nulls),
    added: immediate.kind === 'fold' ? addedAtCommit(kept, parts, immediate) : '',
  })
}

function sourcesOf(kept: Kept, names: ModelNames): readonly PlanSource[] {
  const { analysis } = kept
  const relations = new Map(
    analysis.occurrences.map(({ relation }) => [`${relation.schema}.${relation.name}`, relation]),
  )
  return [...relations.values()].map((relation) => {
    const occurrences = analysis.occurrences.filter((it) => it.relation === relation)
    const captured = new Set(occurrences.flatMap(({ alias }) => capturedColumns(kept, alias)))
    return {
      relation: { schema: relation.schema, name: relation.name },
      queue: queueName(relation),
      captured: relation.columns
        .filter(({ name }) => captured.has(name))
        .map(({ name, type, collation }) => ({ column: name, type, collation })),
      interests: occurrences.map(interestOf),
      shape: shapeOf(relation, occurrences, captured),
      applied: appliedTo(kept, names, relation),
    }
  })
}

/** Of a captured column paths, and tests for membership, rely on its being never null. */
function shapeOf(
  { columns, readModel }: Relation,
  occurrences: readonly Occurrence[],
  captured: ReadonlySet<string>,
): readonly SourceColumn[] {
  const read = new Set(occurrences.flatMap((it) => it.columns))
  return columns
    .filter(({ name }) => read.has(name) || captured.has(name))
    .map(({ name, attnum, type, collation, notNull }) => ({
      column: name,
      attnum,
      type,
      collation,
      // Of a read model's rows it is known from the query, and their table does not say so.
      isNeverNull: notNull && readModel === undefined && captured.has(name),
    }))
}

function capturedColumns({ analysis, immediate }: Kept, alias: string): readonly string[] {
  return [
    ...analysis.paths.flatMap((path) => capturedBy(path, alias)),
    ...(immediate?.kind === 'recompute'
      ? capturedByLocks(analysis, alias)
      : capturedByFolds(analysis, alias)),
  ]
}

function interestOf({ relation, columns, filter }: Occurrence): Interest {
  const over = (alias: string) =>
    join(
      filter.map((it) => sql`(${deparseExpression(renamed(it, alias))})`),
      ' and ',
    ).text
  return {
    columns: relation.columns
      .filter(({ name }) => columns.includes(name))
      .map(({ name, attnum }) => ({ name, attnum })),
    filter: filter.length === 0 ? null : { old: over('o'), new: over('n') },
  }
}

/** A condition on one table, with another alias for it. */
function renamed(condition: Node, alias: string): Node {
  return mapTree(condition, ({ node: at }) =>
    'ColumnRef' in at ? columnRef(alias, namesOf(at.ColumnRef.fields)[1] ?? '') : undefined,
  )
}

function describePaths(analysis: Analysis, unit: readonly UnitColumn[]): readonly PlanPath[] {
  const folded = foldedOccurrences(analysis)
  const paths = analysis.paths.map((path): PlanPath => {
    const occurrence = occurrenceOf(analysis, path.occurrence)
    const { schema, name } = occurrence.relation
    const batchName = (source: RelationName) =>
      ident(source.schema === schema && source.name === name ? 'batch' : `batch of ${source.name}`)
    return {
      source: { schema, name },
      alias: path.occurrence,
      kind: path.isDeclared === true ? 'declared' : path.hops.length === 0 ? 'direct' : 'indirect',
      strategy: folded.includes(path.occurrence) ? 'fold' : 'recompute',
      columns: capturedBy(path, path.occurrence),
      hops: path.hops.flatMap(({ alias, relation: entered, conditions }) =>
        entered === null
          ? []
          : [
              {
                relation: { schema: entered.schema, name: entered.name },
                columns: columnsOf(conditions, alias),
              },
            ],
      ),
      sql: join(pathSelects(path, analysis, unit, batchName), '\nunion all\n').text,
    }
  })
  return [...new Map(paths.map((it) => [it.sql, it])).values()]
}

/** The columns by which a hop's table is entered: an index must begin with them. */
function columnsOf(conditions: readonly Node[], alias: string): readonly string[] {
  const found: string[] = []
  mapTree(conditions, ({ node }) => {
    if ('ColumnRef' in node && namesOf(node.ColumnRef.fields)[0] === alias)
      found.push(namesOf(node.ColumnRef.fields)[1] ?? '')
    return undefined
  })
  return [...new Set(found)]
}
