import { drainOnce } from '../../src/work/drain.ts'
import type { Connection } from '../../src/pg/client.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import type { Board } from './board.ts'
import { QUESTIONS } from './questions.ts'

export interface Answered {
  readonly name: string
  readonly rows: number
  /** What each took, in milliseconds. */
  readonly ms: readonly number[]
  /** Pages of 8 kB that one answer touches, the median of a few. */
  readonly pages: number
}

/** Each question many times over, of random rows: to every board in turn, for the machine may be busier later. */
export async function measureReads(boards: readonly Board[], times: number): Promise<readonly Answered[]> {
  const cases = boards.flatMap((board) =>
    QUESTIONS.map((question) => ({ board, question, ms: [] as number[] })),
  )
  const inTurn = cases.toSorted((a, b) => QUESTIONS.indexOf(a.question) - QUESTIONS.indexOf(b.question))
  for (let i = 0; i < times + WARM_UP; i += 1) {
    for (const { board, question, ms } of inTurn) {
      const took = await timed(() => board.client.query(asked(question.statement, board.rows)))
      if (i >= WARM_UP) ms.push(took)
    }
  }
  const answered: Answered[] = []
  for (const { board, question, ms } of cases) {
    const pages: number[] = []
    for (let i = 0; i < 15; i += 1) pages.push(await pagesOf(board.client, question.statement, board.rows))
    answered.push({ name: question.name, rows: board.rows, ms, pages: quantile(pages, 0.5) })
  }
  return answered
}

/** Plans of functions are kept after the fifth call. */
const WARM_UP = 20

/** The question of a random row. */
function asked(statement: string, rows: number): string {
  const below = (limit: number) => Math.floor(Math.random() * limit)
  return statement
    .replaceAll('$1', String(1 + below(rows)))
    .replaceAll('$2', String(below(rows)))
    .replaceAll('$3', `'c${String(below(50))}'`)
}

async function pagesOf(client: Connection, statement: string, rows: number): Promise<number> {
  const plan = await client.query<Record<string, string>>(
    `explain (analyze, buffers, timing off) ${asked(statement, rows)}`,
  )
  const line = plan.map((it) => it['QUERY PLAN'] ?? '').find((it) => it.includes('Buffers:'))
  const [hit = 0, read = 0] = ['hit', 'read'].map((it) =>
    Number(new RegExp(`${it}=(\\d+)`).exec(line ?? '')?.[1] ?? 0),
  )
  return hit + read
}

/** Drains of so many changed rows, each of another score; the median in milliseconds. */
export async function measureDrains(
  client: Connection,
  { plan }: InstalledModel,
  { rows, changed, times }: { readonly rows: number; readonly changed: number; readonly times: number },
): Promise<number> {
  const taken: number[] = []
  for (let i = 0; i < times + 2; i += 1) {
    await client.query(
      `update players set points = (random() ^ 3 * 100000)::int
       where id = any (array(select (random() * $1)::bigint from generate_series(1, $2::int)))`,
      [rows - 1, changed],
    )
    const ms = await timed(() => drainOnce(client, plan))
    if (i >= 2) taken.push(ms)
  }
  return quantile(taken, 0.5)
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await run()
  return performance.now() - from
}

export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? Number.NaN
}
