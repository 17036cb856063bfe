import { analyze } from '../analyze/analyze.ts'
import { offerSchedule } from '../analyze/refreshable.ts'
import { canonicalize } from '../catalog/canonicalize.ts'
import { compile } from '../compile/compile.ts'
import type { RankDeclaration } from '../compile/leaderboard/declared-order.ts'
import type { Plan, PlanPace, RelationName } from '../compile/plan.ts'
import type { IndexDeclaration } from '../compile/storage.ts'
import type { Client } from '../pg/client.ts'
import { loadParser } from '../sql/parse.ts'
import { located, refusalError } from './refusal.ts'

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
  readonly query: string
  readonly indexes: readonly IndexDeclaration[]
  /** How rows are ranked; absent: they are not. */
  readonly leaderboard?: RankDeclaration | undefined
  /** How it is drained; absent: as soon as may be. */
  readonly pace?: PlanPace | undefined
  /** Where the declaration stands: `models/feed.ts:4`. */
  readonly file?: string | undefined
}

export interface CompiledModel {
  readonly definition: ModelDefinition
  readonly plan: Plan
}

/**
 * Compiles one read model against a database. Throws the first refusal, with its place in the user's own text and the
 * others in `detail`'s wake as `cause`.
 */
export async function compileModel(
  client: Client,
  definition: ModelDefinition,
  searchPath?: readonly string[],
): Promise<CompiledModel> {
  await loadParser()
  return await located(definition, async () => {
    const query = await canonicalize(client, definition.query, { searchPath })
    const outcome = analyze(query, definition.key, definition)
    if (outcome.kind === 'refused') {
      throw refusalError(definition, offerSchedule(query, definition.key, outcome.refusals, definition))
    }

    const model: RelationName = { schema: definition.schema, name: definition.name }
    const plan = compile({
      model,
      version: 1,
      key: definition.key,
      freshness: definition.freshness,
      onError: definition.onError,
      indexes: definition.indexes,
      leaderboard: definition.leaderboard,
      pace: definition.pace,
      readableBy: definition.readableBy,
      query,
      analysis: outcome.analysis,
    })
    return { definition, plan }
  })
}
