import { isDeepStrictEqual } from 'node:util'
import { isRefreshed, type RefreshPlan } from '../../compile/refresh/refresh-plan.ts'
import type { Plan, RelationName } from '../../compile/plan.ts'
import { MillraceError } from '../../errors.ts'
import type { Client } from '../../pg/client.ts'
import { displayName, isSameName } from '../../sql/names.ts'
import { lookedAt, READ_PLAN } from './look.sql.ts'
import { failPage } from './read-pages.ts'
import { fail, type Topic, type Version } from './topic.ts'

/** What has happened, as of one moment. */
export interface News {
  readonly snapshot: string
  readonly cluster: string
  readonly models: readonly (RelationName & {
    readonly version: string
    readonly storage: string
    readonly n: string | null
  })[]
}

/** Finds the version in use. Where there is none, nobody can follow it. */
export async function isInUse(client: Client, topic: Topic, { models }: News): Promise<boolean> {
  const found = models.find((it) => isSameName(it, topic.model))
  if (found === undefined) {
    const error = new MillraceError('MODEL_UNKNOWN', {
      detail: displayName(topic.model),
      hint: 'Install it first: millrace migrate up. Or is this another database?',
    })
    failAll(topic, error)
    return false
  }
  if (topic.version?.identity === found.version) return true
  const [row] = await client.query<{ plan: Plan | RefreshPlan }>(READ_PLAN, [found.storage])
  // It was removed just now: the next round knows more.
  if (row === undefined) return false
  const before = topic.version
  topic.version = versionOf(row.plan, found.version)
  if (before !== undefined && !isDeepStrictEqual(before.key, topic.version.key))
    failAll(topic, keyChanged(topic))
  for (const entry of topic.entries.values()) entry.horizon = undefined
  for (const page of topic.pages.values()) {
    page.question = undefined
    page.asOf = undefined
  }
  return true
}

export function failAll(topic: Topic, error: Error): void {
  for (const listener of topic.listeners) fail(topic, listener, error)
  for (const page of topic.pages.values()) failPage(topic, page, error)
}

function keyChanged({ model }: Topic): MillraceError {
  const hint = 'Subscribe again, to keys as they are now.'
  return new MillraceError('MODEL_CHANGED', { detail: `${displayName(model)} has another key`, hint })
}

function versionOf(plan: Plan | RefreshPlan, identity: string): Version {
  const isImmediate = !isRefreshed(plan) && (plan.immediate ?? null) !== null
  return { ...lookedAt(plan), identity, isImmediate, asOf: undefined, horizon: undefined }
}
