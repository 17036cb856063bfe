import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../src/pg/client.ts'
import type { Peer } from '../peers/peer.ts'
import type { KeptModel, Subject } from '../subjects/subject.ts'

export interface Verdict {
  /** How long after the last commit the kept model was right; 0 where it changes with its sources. */
  readonly behindMs: number
  /** Rows that were wrong in the end. */
  readonly wrong: number
}

const CATCH_UP_MS = 60_000
const LOOK_EVERY_MS = 20

/** Waits for a model that follows, and tells how long that took; then counts the rows that are wrong. */
export async function judge(client: Client, peer: Peer, { model }: Subject): Promise<Verdict> {
  if (!peer.keepsModel) return { behindMs: 0, wrong: 0 }

  const endedAt = performance.now()
  const count = async () => await numberOf(client, countWrong(model))
  let wrong = await count()
  while (peer.isEventual && wrong > 0 && performance.now() - endedAt < CATCH_UP_MS) {
    await sleep(LOOK_EVERY_MS)
    wrong = await count()
  }
  return { behindMs: peer.isEventual ? performance.now() - endedAt : 0, wrong }
}

/** Holds what the writers counted against what the tables have. */
export async function checkCommits(client: Client, subject: Subject, commits: number): Promise<void> {
  const found = await numberOf(client, subject.countCommitted)
  if (found === commits) return
  throw new Error(`the writers counted ${String(commits)} commits, the tables have ${String(found)}`)
}

/** Rows of the query that are not kept, or kept otherwise, and kept rows that the query does not have. */
function countWrong({ name, key, query }: KeptModel): string {
  return `
    select count(*)::int as wrong
    from (${query}) as truth
    full join ${name} as kept using (${key.join(', ')})
    where (to_jsonb(kept) @> to_jsonb(truth)) is not true`
}

async function numberOf(client: Client, text: string): Promise<number> {
  const [row] = await client.query<Readonly<Record<string, number>>>(text)
  const [number] = Object.values(row ?? {})
  if (number === undefined) throw new Error('nothing was counted')
  return number
}
