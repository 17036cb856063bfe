import { MillraceError, type ErrorCode } from '../errors.ts'
import { indexProblems } from './check-index.ts'
import { nameProblem } from './check-name.ts'
import { dependenciesOf, dependencyProblems, type DeclaredDependency } from './dependency.ts'
import { describe } from './describe.ts'
import { isRecord } from './is-record.ts'
import { leaderboardProblems, rankOptions } from './check-leaderboard.ts'
import type { RankOptions } from './leaderboard.ts'
import { paceOf, paceProblems, type Pace } from './pace.ts'
import { queryText } from './query-text.ts'
import { replacedOf, replacesProblems, type Replaced } from './replaces.ts'
import type { IndexOptions, KeptFreshness, OnError, ReadModel } from './read-model.ts'
import { scheduleOf, scheduleProblems, type Schedule, type ScheduleOptions } from './schedule.ts'
import { settingsOf, settingsProblems, type Settings } from './settings.ts'
import { suggest } from './suggest.ts'

/** A read model as the compiler wants it: checked, every default filled in, the query as text. */
export interface ReadModelDefinition {
  readonly schema: string
  readonly name: string
  readonly key: readonly string[]
  readonly freshness: KeptFreshness
  readonly onError: OnError
  /** Undefined where every order is to be settled. */
  readonly order: 'any' | undefined
  /** Under which the query is computed; undefined where nothing is said. */
  readonly settings: Settings | undefined
  /** Roles that may read it; undefined where that is not restricted. */
  readonly readableBy: readonly string[] | undefined
  /** Undefined where nothing is said of it. */
  readonly pace: Pace | undefined
  readonly query: string
  /** Tables that functions of the query read, each with the way from a changed row to keys. */
  readonly dependsOn: readonly DeclaredDependency[]
  readonly indexes: readonly IndexOptions[]
  /** How rows are ranked; undefined where they are not. */
  readonly leaderboard: RankOptions | undefined
  /** What has its name until it is complete; undefined where nothing has. */
  readonly replaces: Replaced | undefined
  /** File and line of the declaration. */
  readonly file: string | undefined
}

/** A read model that is refreshed on a schedule, in the same way. */
export interface RefreshedModelDefinition extends Omit<
  ReadModelDefinition,
  'freshness' | 'onError' | 'order' | 'pace' | 'settings' | 'dependsOn'
> {
  readonly schedule: Schedule
}

export interface ResolvedReadModel {
  readonly definition: ReadModelDefinition | RefreshedModelDefinition
  readonly problems: readonly MillraceError[]
}

const PACE = ['maxLag', 'batch', 'pause'] as const
const OPTIONS = [
  'key',
  'schema',
  'freshness',
  'onError',
  'order',
  'settings',
  'readableBy',
  'query',
  'dependsOn',
  'indexes',
  'replaces',
  ...PACE,
]
const OWN = ['kind', 'name', 'declaredAt', 'leaderboard']

/** Options of later versions: who writes one today is told so, and not that the option is unknown. */
const LATER = ['version']

/**
 * Checks a declared read model. Nothing about its types is taken for granted: it may come from JavaScript. Needs the
 * parser, for indexes and for the parameters of query objects.
 */
export function resolveReadModel(declaration: ReadModel): ResolvedReadModel {
  const {
    name,
    key,
    schema = 'public',
    freshness,
    onError,
    order,
    readableBy,
    query,
    dependsOn,
    indexes = [],
  } = declaration
  const text = attempt(() => queryText(query))
  const found = [
    ...nameProblems(declaration),
    ...schemaProblems(schema),
    ...keyProblems(key),
    ...freshnessProblems(freshness),
    ...onErrorProblems(onError, freshness),
    ...orderProblems(order, freshness),
    ...pinnedProblems(declaration),
    ...readersProblems(readableBy),
    ...declaredPaceProblems(declaration),
    ...(text.error === undefined ? [] : [text.error]),
    ...dependencyProblems(dependsOn, isSchedule(freshness)),
    ...indexesProblems(indexes),
    ...leaderboardProblems(declaration),
    ...replacesProblems(declaration.replaces, schema).map(({ detail, hint }) => bad(detail, hint)),
    ...unknownOptions(declaration),
  ]

  const common = {
    schema,
    name,
    key: typeof key === 'string' ? [key] : key,
    query: text.value ?? '',
    indexes: Array.isArray(indexes) ? indexes.map(withColumns) : [],
    readableBy: Array.isArray(readableBy) ? [...new Set(readableBy)].sort() : undefined,
    leaderboard: rankOptions(declaration),
    replaces: found.length === 0 ? replacedOf(declaration.replaces, schema) : undefined,
    file: declaration.declaredAt,
  }
  const problems = found.map((it) => inDeclaration(it, declaration))
  const isSound = problems.length === 0
  const pace = isSound && hasPace(declaration) ? paceOf(declaration) : undefined
  const dependencies = isSound ? dependenciesOf(dependsOn) : []
  const definition = isSchedule(freshness)
    ? { ...common, schedule: isSound ? scheduleOf(freshness) : NO_SCHEDULE }
    : {
        ...common,
        freshness,
        onError: onError ?? 'fail',
        order,
        settings: settingsOf(declaration.settings),
        pace,
        dependsOn: dependencies,
      }
  return { definition, problems }
}

/** Of a declaration that is refused. */
const NO_SCHEDULE: Schedule = { every: '', timeZone: 'UTC', timeoutMs: 0 }

function isSchedule(freshness: unknown): freshness is ScheduleOptions {
  return isRecord(freshness)
}

function nameProblems({ name }: ReadModel): readonly MillraceError[] {
  const problem = nameProblem(name)
  if (problem === undefined) return []
  return [bad(`the name ${problem}`, `Write readModel('feed', { … }).`)]
}

function schemaProblems(schema: unknown): readonly MillraceError[] {
  const problem = nameProblem(schema)
  if (problem !== undefined) return [bad(`the schema ${problem}`, `Write schema: 'public', or leave it out.`)]
  const isReserved =
    schema === 'millrace' || schema === 'information_schema' || String(schema).startsWith('pg_')
  return isReserved
    ? [bad(`the schema ${String(schema)} is not for read models`, 'Choose another schema.')]
    : []
}

function keyProblems(key: unknown): readonly MillraceError[] {
  const hint = `Name the output columns that identify one row: key: 'id' or key: ['user_id', 'day'].`
  const columns: readonly unknown[] = Array.isArray(key) ? key : [key]
  if (key === undefined) return [bad('the key is missing', hint)]
  if (columns.length === 0) return [bad('the key is an empty list', hint)]

  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  const named = columns.flatMap((column) => {
    const problem = nameProblem(column)
    return problem === undefined ? [] : [bad(`a key column ${problem}`, hint)]
  })
  return twice === undefined || named.length > 0
    ? named
    : [bad(`the key names ${describe(twice)} twice`, hint)]
}

function freshnessProblems(freshness: unknown): readonly MillraceError[] {
  if (freshness === 'eventual' || freshness === 'immediate') return []
  const hint = `Write freshness: 'eventual', of which a strict read is exact at any moment, or 'immediate', or { every: '5 minutes' }.`
  if (isSchedule(freshness)) {
    return scheduleProblems(freshness).map((it) =>
      problemOf('BAD_SCHEDULE', `freshness: ${it.detail}`, it.hint),
    )
  }
  const found = freshness === undefined ? 'is missing' : `is ${describe(freshness)}`
  return [bad(`the freshness ${found}`, hint)]
}

function onErrorProblems(onError: unknown, freshness: unknown): readonly MillraceError[] {
  const hint = `Write onError: 'fail' or onError: 'queue', with freshness: 'immediate'.`
  if (onError === undefined) return []
  if (onError !== 'fail' && onError !== 'queue') return [bad(`onError is ${describe(onError)}`, hint)]
  return freshness === 'eventual' || isSchedule(freshness)
    ? [bad('onError is for immediate read models: no write waits for any other', hint)]
    : []
}

function orderProblems(order: unknown, freshness: unknown): readonly MillraceError[] {
  if (order === undefined) return []
  const hint = `Write order: 'any', or leave it out and end each ORDER BY with something unique.`
  if (order !== 'any') return [bad(`order is ${describe(order)}`, hint)]
  return isSchedule(freshness)
    ? [
        bad(
          'order is for read models that follow what changes',
          'Leave it out: each refresh gives one order.',
        ),
      ]
    : []
}

function pinnedProblems({ settings, freshness }: ReadModel): readonly MillraceError[] {
  if (settings === undefined || !isSchedule(freshness)) return settingsProblems(settings)
  const hint = `Leave it out, and name the zone in the query: (at at time zone 'Europe/Berlin')::date.`
  return [bad('settings are for read models that follow what changes', hint)]
}

function readersProblems(readableBy: unknown): readonly MillraceError[] {
  if (readableBy === undefined) return []
  const hint = `Name the roles that may read it: readableBy: ['support']; an empty list leaves it to its owner.`
  if (!Array.isArray(readableBy)) return [bad(`readableBy is ${describe(readableBy)}`, hint)]
  return readableBy.flatMap((role: unknown) => {
    const problem = role === 'public' ? 'is everybody: leave readableBy out' : nameProblem(role)
    return problem === undefined ? [] : [bad(`a role in readableBy ${problem}`, hint)]
  })
}

function hasPace(declaration: ReadModel): boolean {
  return PACE.some((it) => declaration[it] !== undefined)
}

function declaredPaceProblems(declaration: ReadModel): readonly MillraceError[] {
  if (!hasPace(declaration)) return []
  const { maxLag, batch, pause, freshness } = declaration
  if (freshness !== 'eventual') {
    const given = PACE.filter((it) => declaration[it] !== undefined).join(', ')
    return [
      bad(`${given}: only eventual read models have a pace`, `Leave it out, or write freshness: 'eventual'.`),
    ]
  }
  return paceProblems({ maxLag, batch, pause }).map(({ detail, hint }) => bad(detail, hint))
}

function indexesProblems(indexes: unknown): readonly MillraceError[] {
  if (!Array.isArray(indexes)) {
    return [
      problemOf('BAD_INDEX', `indexes is ${describe(indexes)}`, `Write a list: indexes: [['score desc']].`),
    ]
  }
  return indexes.flatMap((index: unknown, i) =>
    indexProblems(index).map(({ detail, hint }) =>
      problemOf('BAD_INDEX', `indexes[${String(i)}] ${detail}`, hint),
    ),
  )
}

function unknownOptions(declaration: ReadModel): readonly MillraceError[] {
  return Object.keys(declaration)
    .filter((option) => ![...OPTIONS, ...OWN].includes(option))
    .map((option) =>
      LATER.includes(option)
        ? problemOf(
            'NOT_YET_SUPPORTED',
            `the option "${option}"`,
            `Leave it out. There is: ${OPTIONS.join(', ')}.`,
          )
        : bad(`there is no option "${option}"`, suggest(option, OPTIONS)),
    )
}

function withColumns(index: readonly string[] | IndexOptions): IndexOptions {
  return Array.isArray(index) ? { columns: index as readonly string[] } : (index as IndexOptions)
}

function inDeclaration(error: MillraceError, { name, declaredAt: file }: ReadModel): MillraceError {
  const { code, hint, position, source, cause } = error
  const detail = `read model ${typeof name === 'string' && name !== '' ? name : '(without a name)'}: ${error.detail ?? ''}`
  return new MillraceError(code, { detail, hint, position, source, cause, file })
}

function bad(detail: string, hint: string): MillraceError {
  return problemOf('BAD_DECLARATION', detail, hint)
}

function problemOf(code: ErrorCode, detail: string, hint: string): MillraceError {
  return new MillraceError(code, { detail, hint })
}

function attempt<T>(run: () => T): { readonly value?: T; readonly error?: MillraceError } {
  try {
    return { value: run() }
  } catch (error) {
    // A refusal is one problem among others; anything else is ours.
    if (error instanceof MillraceError) return { error }
    throw error
  }
}
