import type { Carries, KeyColumns } from '../define/row.ts'
import { isRecord } from '../define/is-record.ts'
import type { ModelReference } from '../define/model-reference.ts'
import { leaderboardReads, type LeaderboardReads } from './reads/leaderboard.ts'
import type { Queryable } from './queryable.ts'
import { modelReads, type ReadsOf } from './reads/reads.ts'
import { asking, type StatementOptions } from './statement.ts'

/** Reads of every read model in an object, by its names. What else is in there, as a module may export, has none. */
export type ClientOf<Models> = {
  readonly [Name in keyof Models as Models[Name] extends ModelReference ? Name : never]: ReadsFor<
    Models[Name]
  >
}

type ReadsFor<Model> = Model extends Carries<infer Row> & { readonly key: infer Key extends KeyColumns }
  ? ReadsOf<Exclude<Row, undefined>, Key> &
      (Model extends { readonly leaderboard: object }
        ? LeaderboardReads<Exclude<Row, undefined>, Key>
        : unknown)
  : never

/**
 * Reads of read models, typed by their declarations. `client`: a pool or a client of `pg`, or what is put around something else
 * (`Queryable`); nothing is sent before the first read.
 *
 * ```ts
 * import * as models from './models'
 *
 * const db = createClient(createPool(), models)
 * const { rows, next } = await db.feed.page({ orderBy: 'proof_score desc', n: 20 })
 * await db.feed.strict.get(42)
 * await db.topBuilders.rank(42)
 * ```
 */
export function createClient<Models extends object>(
  client: Queryable,
  models: Models,
  options: StatementOptions = {},
): ClientOf<Models> {
  const ask = asking(client, options)
  const entries = Object.entries(models).filter(([, it]) => isModel(it))
  return Object.fromEntries(
    entries.map(([name, model]: [string, ModelReference]) => [
      name,
      model.leaderboard === undefined
        ? modelReads(client, ask, model)
        : {
            ...modelReads(client, ask, model),
            ...leaderboardReads(ask, { ...model, leaderboard: model.leaderboard }),
          },
    ]),
  ) as ClientOf<Models>
}

function isModel(value: unknown): value is ModelReference {
  return isRecord(value) && value['kind'] === 'readModel' && typeof value['name'] === 'string'
}
