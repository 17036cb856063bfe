import { comeAndGo, type Surroundings, type Tally, type Visit } from './come-and-go.ts'
import type { Random } from '../random.ts'
import { drawSubject, type Seen, type Subject } from './world.ts'

/** Somebody who follows some rows by their keys. */
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
    await comeAndGo(world, random, this.#ids, (visit) => this.#follow(world, visit))
  }

  /** Follows until it has these rows, or the signal comes. */
  async follow(world: Surroundings, { hub, signal }: Pick<Visit, 'hub' | 'signal'>, rows: readonly Seen[]) {
    const isThere = () => JSON.stringify(this.#rows) === JSON.stringify(rows)
    if (isThere()) return
    const after = this.#ids.at(-1)
    await this.#follow(world, { hub, after, signal, goesOn: () => Promise.resolve(!isThere()) })
  }

  async #follow({ tally }: Surroundings, { hub, after, signal, goesOn }: Visit): Promise<void> {
    const { model, keys } = this.subject
    let isFirst = true
    for await (const { id, changes } of hub.subscribe(model, { keys, after, signal })) {
      if (isFirst && after !== undefined && changes.length < keys.length) tally.resumed.keys += 1
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
