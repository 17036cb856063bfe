import type { LiveChanges } from '../../../src/server/live/live-changes.ts'
import type { Random } from '../random.ts'
import { drawSubject, type Seen, type Subject } from './world.ts'

/** What all subscribers of a run have seen. */
export interface Tally {
  updates: number
  connections: number
  /** Connections that began where another had ended, and were not told everything again. */
  resumed: number
  readonly found: string[]
}

export interface Surroundings {
  readonly hubs: () => readonly LiveChanges[]
  readonly tally: Tally
  /** Resolves after so many commits of the writers, or when they have ended. */
  readonly commits: (count: number) => Promise<void>
  readonly isOver: () => boolean
}

/** Somebody who follows some rows, now and then slowly, goes away and comes back with the id of what he has seen. */
export class Subscriber {
  readonly subject: Subject
  readonly #rows: (Seen | undefined)[]
  readonly #ids: string[] = []
  readonly #seen: number[] = []

  constructor(random: Random) {
    this.subject = drawSubject(random)
    this.#rows = this.subject.keys.map(() => undefined)
  }

  get rows(): readonly (Seen | undefined)[] {
    return this.#rows
  }

  async live(world: Surroundings, random: Random): Promise<void> {
    while (!world.isOver() && world.tally.found.length === 0) {
      const stop = new AbortController()
      const left = 1 + random.below(12)
      void world.commits(1 + random.below(60)).then(() => {
        stop.abort()
      })
      // One that comes back with an older id is told more than he needs.
      const after = random.oneIn(8) ? this.#ids[random.below(this.#ids.length + 1)] : this.#ids.at(-1)
      let count = 0
      await this.#follow(world, random.pick(world.hubs()), { after, signal: stop.signal }, async () => {
        count += 1
        if (random.oneIn(3)) await world.commits(random.below(20))
        return count < left
      })
    }
  }

  /** Follows until it has these rows, or the signal comes. */
  async follow(
    world: Surroundings,
    hub: LiveChanges,
    signal: AbortSignal,
    rows: readonly Seen[],
  ): Promise<void> {
    const isThere = () => JSON.stringify(this.#rows) === JSON.stringify(rows)
    if (isThere()) return
    await this.#follow(world, hub, { after: this.#ids.at(-1), signal }, () => Promise.resolve(!isThere()))
  }

  async #follow(
    { tally }: Surroundings,
    hub: LiveChanges,
    { after, signal }: { readonly after: string | undefined; readonly signal: AbortSignal },
    goesOn: () => Promise<boolean>,
  ): Promise<void> {
    const { model, keys } = this.subject
    tally.connections += 1
    let isFirst = true
    for await (const { id, changes } of hub.subscribe(model, { keys, after, signal })) {
      if (isFirst && after !== undefined && changes.length < keys.length) tally.resumed += 1
      isFirst = false
      tally.updates += 1
      for (const { key, row } of changes) this.#note(keys.indexOf(key as never), row, tally)
      this.#ids.push(id)
      const problem = this.#rows.includes(undefined)
        ? 'a row was left out'
        : this.subject.problem(this.#rows as Seen[])
      if (problem !== undefined) tally.found.push(`${model}: ${problem}`)
      if (problem !== undefined || !(await goesOn())) return
    }
  }

  #note(at: number, row: Seen, { found }: Tally): void {
    const seq = Number(row?.['seq'] ?? 0)
    if (row !== null && seq < (this.#seen[at] ?? 0))
      found.push(`an older state after a newer one: ${JSON.stringify(row)}`)
    if (row !== null) this.#seen[at] = seq
    this.#rows[at] = row
  }
}
