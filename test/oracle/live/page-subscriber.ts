import type { Client } from '../../../src/pg/client.ts'
import type { LivePageUpdate } from '../../../src/server/live/live-changes.ts'
import type { Random } from '../random.ts'
import { comeAndGo, type Surroundings, type Visit } from './come-and-go.ts'
import { drawPage, pagesOfStates, textsOf, type PageSubject } from './page-world.ts'

type Rows = ReadonlyMap<string, object>

/** Somebody who follows a page, and holds its rows as a browser does: by what he is told, and by nothing else. */
export class PageSubscriber {
  readonly subject: PageSubject
  /** What he had, by the id of the update that had made it so. */
  readonly #had = new Map<string | undefined, Rows>([[undefined, new Map()]])
  readonly #ids: string[] = []
  readonly #told: string[] = []

  constructor(random: Random) {
    this.subject = drawPage(random)
  }

  get page(): string | undefined {
    return this.#told.at(-1)
  }

  async live(world: Surroundings, random: Random): Promise<void> {
    await comeAndGo(world, random, this.#ids, (visit) => this.#follow(world, visit))
  }

  /** Follows until it has this page, or the signal comes. */
  async follow(world: Surroundings, { hub, signal }: Pick<Visit, 'hub' | 'signal'>, page: string) {
    const isThere = () => this.page === page
    if (isThere()) return
    const after = this.#ids.at(-1)
    await this.#follow(world, { hub, after, signal, goesOn: () => Promise.resolve(!isThere()) })
  }

  async #follow({ tally }: Surroundings, { hub, after, signal, goesOn }: Visit): Promise<void> {
    const { model, page } = this.subject
    let rows = this.#had.get(after) ?? new Map()
    let isFirst = true
    for await (const update of hub.subscribe(model, { page, after, signal })) {
      const { id, order, changes } = update
      if (isFirst && after !== undefined && changes.length < order.length) tally.resumed.pages += 1
      isFirst = false
      tally.updates += 1
      const problem = problemOf(update, rows)
      if (problem !== undefined) tally.found.push(`${model} ${JSON.stringify(page)}: ${problem}`)
      rows = applied(update, rows)
      this.#had.set(id, rows)
      this.#ids.push(id)
      this.#told.push(textsOf([...rows.values()]))
      if (problem !== undefined || !(await goesOn())) return
    }
  }

  /** What he was told that was never committed, or only before something that he had been told already. */
  async problem(owner: Client): Promise<string | undefined> {
    if (!this.subject.hasStates) return undefined
    const states = await pagesOfStates(owner, this.subject)
    let at = 0
    for (const told of this.#told) {
      const found = states.indexOf(told, at)
      if (found < 0)
        return `${this.subject.model}: ${states.includes(told) ? 'older than what was told before' : 'never was'}: ${told}`
      at = found
    }
    return undefined
  }
}

function problemOf({ order, changes }: LivePageUpdate, rows: Rows): string | undefined {
  const names = order.map((key) => JSON.stringify(key))
  const changed = changes.map(({ key }) => JSON.stringify(key))
  if (new Set(names).size < names.length) return `a key twice: ${names.join()}`
  if (new Set(changed).size < changed.length) return `a row twice: ${changed.join()}`
  if (changed.some((it) => !names.includes(it))) return `a row that is not of the page: ${changed.join()}`
  if (names.some((it) => !rows.has(it) && !changed.includes(it))) return `a row was left out: ${names.join()}`
  const same = changes.find(
    ({ key, row }) => textsOf([row]) === textsOf([rows.get(JSON.stringify(key)) ?? {}]),
  )
  return same === undefined ? undefined : `told again: ${JSON.stringify(same)}`
}

/** The page in its order. */
function applied({ order, changes }: LivePageUpdate, rows: Rows): Rows {
  const told = new Map(changes.map(({ key, row }) => [JSON.stringify(key), row]))
  return new Map(
    order.map((key) => JSON.stringify(key)).map((it) => [it, told.get(it) ?? rows.get(it) ?? {}]),
  )
}
