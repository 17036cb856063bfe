import type { RelationName } from '../compile/plan.ts'
import type { Client } from '../pg/client.ts'
import { isSameName } from '../sql/names.ts'
import {
  CRON_JOBS,
  FUNCTIONS,
  HAS_CRON,
  HAS_TAKEN_OVER,
  RELATIONS,
  SET_ASIDE,
  TRIGGERS,
} from './catalog.sql.ts'

/** What a team has made of its database by hand, as far as a take-over must know it. */
export interface Found {
  readonly relations: readonly FoundRelation[]
  readonly triggers: readonly FoundTrigger[]
  readonly functions: readonly FoundFunction[]
  readonly jobs: readonly FoundJob[]
}

export interface FoundRelation extends RelationName {
  readonly oid: string
  /** `pg_class.relkind`: r, p or m. */
  readonly kind: string
  /** As the planner estimates; 0 where nobody has counted. */
  readonly rows: number
  /** The SELECT of a materialized view. */
  readonly definition: string | null
  /** Its bare name is enough to find it. */
  readonly visible: boolean
  readonly columns: readonly FoundColumn[]
  readonly indexes: readonly FoundIndex[]
  readonly references: readonly FoundReference[]
}

export interface FoundColumn {
  readonly name: string
  readonly type: string
  readonly notNull: boolean
  readonly byDefault: string | null
}

export interface FoundIndex {
  readonly name: string
  readonly definition: string
  readonly isPrimary: boolean
  /** Over columns alone, and of all rows. */
  readonly isUnique: boolean
  readonly columns: readonly string[] | null
}

export interface FoundReference {
  readonly columns: readonly string[]
  /** Its oid. */
  readonly to: string
  readonly toColumns: readonly string[]
}

export interface FoundTrigger {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly definition: string
  /** Its oid. */
  readonly function: string
  /** `pg_trigger.tgtype` */
  readonly type: number
  readonly enabled: boolean
}

export interface FoundFunction extends RelationName {
  readonly oid: string
  readonly language: string
  readonly isTrigger: boolean
  readonly source: string
  readonly definition: string
}

/** A job of pg_cron. */
export interface FoundJob {
  readonly id: string
  readonly name: string | null
  readonly schedule: string
  readonly command: string
}

export async function readFound(client: Client): Promise<Found> {
  const [cron] = await client.query<{ hasCron: boolean }>(HAS_CRON)
  const [taken] = await client.query<{ hasTaken: boolean }>(HAS_TAKEN_OVER)
  const aside = taken?.hasTaken === true ? await client.query<RelationName & object>(SET_ASIDE) : []
  const relations = await client.query<FoundRelation & object>(RELATIONS)
  return {
    relations: relations.filter((it) => !aside.some((other) => isSameName(it, other))),
    triggers: await client.query<FoundTrigger & object>(TRIGGERS),
    functions: await client.query<FoundFunction & object>(FUNCTIONS),
    jobs: cron?.hasCron === true ? await client.query<FoundJob & object>(CRON_JOBS) : [],
  }
}

/** The relation that a statement names: by schema and name, or by the name that is found first. */
export function relationNamed(
  { relations }: Pick<Found, 'relations'>,
  { schema, name }: { readonly schema: string | undefined; readonly name: string },
): FoundRelation | undefined {
  const same = relations.filter((it) => it.name === name)
  return schema === undefined
    ? (same.find((it) => it.visible) ?? same[0])
    : same.find((it) => it.schema === schema)
}
