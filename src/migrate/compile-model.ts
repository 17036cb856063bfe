import { analyze } from '../analyze/analyze.ts'
import { offerSchedule } from '../analyze/refreshable.ts'
import { canonicalizeDependency, type DeclaredDependency } from '../catalog/canonicalize.ts'
import type { CanonicalQuery, Dependency } from '../catalog/catalog.ts'
import { compile } from '../compile/compile.ts'
import type { RankDeclaration } from '../compile/leaderboard/declared-order.ts'
import type { Plan, PlanPace, PlanReplaced, RelationName } from '../compile/plan.ts'
import type { IndexDeclaration } from '../compile/storage.ts'
import { takingOver } from '../compile/take-over.ts'
import type { Settings } from '../define/settings.ts'
import type { Client } from '../pg/client.ts'
import type { RefreshPlan } from '../compile/refresh/refresh-plan.ts'
import { storageName } from '../sql/names.ts'
import { loadParser } from '../sql/parse.ts'
import { numberedAs, type ColumnNumbers } from './column-numbers.ts'
import { installedPlans, planOf, possibleModels, type LowerPlan } from './lower-models.ts'
import { pinSettings } from './pin-settings.ts'
import { located, refusalError } from './refusal.ts'
import { readInUtc } from './without-views.ts'

/** What the compiler needs of a declaration. */
export interface ModelDefinition {
  readonly schema: string
  readonly name: string
  readonly key: readonly string[]
  readonly freshness?: 'eventual' | 'immediate' | undefined
  readonly onError?: 'fail' | 'queue' | undefined
  /** `any`: lists that the query makes without an order are right in every order. */
  readonly order?: 'any' | undefined
  /** Roles that may read it; absent: that is not restricted. */
  readonly readableBy?: readonly string[] | undefined
  /** Under which the query is computed; absent: it depends on none. */
  readonly settings?: Settings | undefined
  readonly query: string
  /** Tables that functions of the query read, each with the way from a changed row to keys. */
  readonly dependsOn?: readonly DeclaredDependency[] | undefined
  readonly indexes: readonly IndexDeclaration[]
  /** How rows are ranked; absent: they are not. */
  readonly leaderboard?: RankDeclaration | undefined
  /** How it is drained; absent: as soon as may be. */
  readonly pace?: PlanPace | undefined
  /** What has its name until it is complete; absent: nothing. */
  readonly replaces?: PlanReplaced | undefined
  /** Where the declaration stands: `models/feed.ts:4`. */
  readonly file?: string | undefined
}

export interface CompiledModel {
  readonly definition: ModelDefinition
  readonly plan: Plan
}

export interface CompileOptions {
  readonly searchPath?: readonly string[] | undefined
  /** Read models that the query may name; those that are installed where nothing is said. */
  readonly lower?: readonly LowerPlan[] | undefined
  /** Statements that make what the query calls and the database does not have yet; undone with the rest. */
  readonly prepare?: readonly string[] | undefined
  /** Which version of the model it will be; the first where nothing is said. */
  readonly version?: number | undefined
  /** Of columns in plans that it must agree with; the database's own where nothing is said. */
  readonly columnNumbers?: ColumnNumbers | undefined
}

/** A query as the server understands it, with the plans of the read models that it may name. */
export interface UnderstoodQuery {
  readonly query: CanonicalQuery
  readonly models: readonly (Plan | RefreshPlan)[]
}

/** Lets the server understand a query, which may name read models. `read`: how it is asked. */
export async function understand(
  client: Client,
  { query: text, dependsOn }: Pick<ModelDefinition, 'query' | 'dependsOn'>,
  { searchPath, lower, prepare, columnNumbers = new Map() }: CompileOptions = {},
  read: typeof readInUtc = readInUtc,
): Promise<UnderstoodQuery> {
  const known = lower ?? (await installedPlans(client))
  const models = await possibleModels(client, known)
  const asked = { searchPath, models, prepare }
  const query = await read(client, text, asked)
  const dependencies: Dependency[] = []
  for (const it of dependsOn ?? []) dependencies.push(await canonicalizeDependency(client, it, asked))
  return {
    query: numberedAs({ ...query, dependencies }, columnNumbers),
    models: known.flatMap(planOf),
  }
}

/**
 * Compiles one read model against a database. Throws the first refusal, with its place in the user's own text and the
 * others in `detail`'s wake as `cause`.
 */
export async function compileModel(
  client: Client,
  definition: ModelDefinition,
  options: CompileOptions = {},
): Promise<CompiledModel> {
  await loadParser()
  return await located(definition, async () => {
    const { version = 1 } = options
    const { query, models } = await understand(client, definition, options, readerOf(definition, version))
    const outcome = analyze(query, definition.key, definition)
    if (outcome.kind === 'refused') {
      throw refusalError(definition, offerSchedule(query, definition.key, outcome.refusals, definition))
    }

    const model: RelationName = { schema: definition.schema, name: definition.name }
    const plan = compile({
      model,
      version,
      key: definition.key,
      freshness: definition.freshness,
      onError: definition.onError,
      indexes: definition.indexes,
      leaderboard: definition.leaderboard,
      pace: definition.pace,
      readableBy: definition.readableBy,
      query,
      analysis: outcome.analysis,
      models,
    })
    return { definition, plan: takingOver(plan, definition.replaces) }
  })
}

/** How the server is asked what a query means: under the settings that its declaration names, if it does. */
export function readerOf({ schema, name, settings }: ModelDefinition, version = 1): typeof readInUtc {
  if (settings === undefined) return readInUtc
  const storage = storageName({ schema, name }, version)
  return (client, text, options) => pinSettings(client, text, { ...options, settings, storage })
}
