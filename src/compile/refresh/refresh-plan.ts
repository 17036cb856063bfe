import type {
  Plan,
  PlanChain,
  PlanColumn,
  PlanInstall,
  PlanModel,
  PlanReplaced,
  RelationName,
} from '../plan.ts'

/**
 * Everything that is needed at run time to refresh a read model on a schedule: it follows no changes, so it has no
 * sources, no queue, no units and no paths. Stored with the model, as the plan of a kept one is.
 */
export interface RefreshPlan {
  readonly format: 1
  readonly kind: 'refreshed'
  readonly model: RelationName
  readonly version: number
  /** The user's SELECT as the server printed it: every name qualified, every star expanded. */
  readonly query: string
  /** Columns of the stored table, which are those of the query, in order. */
  readonly columns: readonly Omit<PlanColumn, 'hidden'>[]
  /** Names of the columns that identify a row. */
  readonly key: readonly string[]
  /** Tables and views that the query names, to be locked before its snapshot. What functions read is not known. */
  readonly reads: readonly RelationName[]
  readonly storage: RelationName
  /** Roles that may read it, where that is restricted. */
  readonly readableBy?: readonly string[]
  /** The read models that the query names; absent: there are none. */
  readonly models?: readonly PlanModel[]
  /** How other models read it; absent in plans of an earlier version. */
  readonly chain?: PlanChain
  /** The query itself, over the strict reads of the read models that it names. */
  readonly strictView: RelationName
  /** What it takes the place of, where that still stands (`../take-over.ts`). */
  readonly replaces?: PlanReplaced
  readonly install: RefreshInstall
  readonly statements: RefreshStatements
}

export function isRefreshed(plan: Plan | RefreshPlan): plan is RefreshPlan {
  return 'kind' in plan
}

/** Those that follow what changes, and those that are refreshed on a schedule; each in its order. */
export function splitByPlan<K extends { readonly plan: Plan }, R extends { readonly plan: RefreshPlan }>(
  all: readonly (K | R)[],
): { readonly kept: readonly K[]; readonly refreshed: readonly R[] } {
  return {
    kept: all.filter((it): it is K => !isRefreshed(it.plan)),
    refreshed: all.filter((it): it is R => isRefreshed(it.plan)),
  }
}

/** As of a kept model (`PlanInstall`): nothing but what `expose` and `named` make has a name that another version has, too. */
export interface RefreshInstall {
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** Makes the views that readers use. Run after the first refresh. */
  readonly expose: readonly string[]
  readonly conceal: readonly string[]
  /** Gives the version the job, and names of indexes; absent in plans of an earlier version. */
  readonly named?: PlanInstall['named']
}

export interface RefreshStatements {
  /**
   * Evaluates the query once and writes the rows that differ by image.
   * → `{ written: int, removed: int, digest: text, duplicates: jsonb | null }`: rows written and rows that vanished, what the
   * new rows add up to, and two rows that share a key, if there are such: then nothing was written.
   */
  readonly refresh: string
  /** → `{ rows: int, digest: text }` of the stored table. */
  readonly digest: string
  /** As of a kept model (`PlanStatements.compare`): `$1::bigint` (limit) → rows that a refresh would change now. */
  readonly compare: string
}
