import type { Plan } from '../compile/plan.ts'
import type { Client } from '../pg/client.ts'
import { ident, join, qualified, sql, trusted } from '../sql/sql.ts'
import { batchParameters, type UnitValues } from '../work/recompute.ts'

/** What keeping an immediate read model costs its writers. */
export interface WriteCost {
  readonly kind: 'fold' | 'recompute'
  /** Why it is not a fold; null where it is. */
  readonly because: string | null
  readonly onError: 'fail' | 'queue'
  /** What is locked until the transaction ends, in this order. */
  readonly locks: readonly string[]
  /** Statements that run: for each of the application's if it is a fold, for each commit if it is not. */
  readonly statements: number
  /** How long one row takes, by the server, planning included; null while the model is not installed or has none. */
  readonly measured: { readonly medianMs: number; readonly rows: number } | null
}

const SAMPLES = 5

/** Undefined for an eventual model: its writers only queue. */
export async function writeCost(client: Client, plan: Plan): Promise<WriteCost | undefined> {
  const { immediate, paths, unit } = plan
  if (immediate === null) return undefined
  const { kind, because, onError } = immediate
  const levels = Math.max(0, ...paths.map(({ hops }) => hops.length))
  const keys = `the rows of its ${unit.map(({ name }) => name).join(', ')}, in order`
  const edges = [...Array(levels).keys()].map((i) => `edges: ${edgesAt(plan, i + 1)}`)
  const measured = await measure(client, plan)
  return kind === 'fold'
    ? { kind, because, onError, locks: [keys], statements: addedBy(plan), measured }
    : {
        kind,
        because,
        onError,
        locks: [...edges, `${keys}; the whole model above 1,000 of them`],
        // how many, the table, each level, which, their locks, read, write
        statements: 6 + levels,
        measured,
      }
}

/** The tables joined over one distance from the key, far side first. */
function edgesAt({ paths }: Plan, distance: number): string {
  const edges = paths
    .filter(({ hops }) => hops.length === distance)
    .map(({ source, hops }) => `${source.name} to ${hops[0]?.relation.name ?? ''}`)
  return [...new Set(edges)].join(', ')
}

/** The most that a statement on one of the sources runs: upserts, and the removal of what has become empty. */
function addedBy({ sources }: Plan): number {
  const texts = sources.flatMap(({ applied }) => Object.values(applied?.inPlace ?? {}))
  return Math.max(...texts.map((text) => text.match(/^(insert into|delete from|if )/gm)?.length ?? 0))
}

/** Writes rows in a transaction that is rolled back: computed anew, or just written again where writers only add. */
async function measure(client: Client, plan: Plan): Promise<WriteCost['measured']> {
  const { storage, unit } = plan
  const [found] = await client.query<{ exists: boolean }>('select to_regclass($1) is not null as exists', [
    qualified(storage).text,
  ])
  if (found?.exists !== true) return null

  await client.query('begin')
  try {
    const names = unit.map(({ name }) => ident(name))
    const rows = await client.query<Record<string, string>>(
      sql`select ${join(names.map((name, i) => sql`${name}::text as u${trusted(String(i + 1))}`))}
from ${qualified(storage)}
where ${join(
        names.map((name) => sql`${name} is not null`),
        ' and ',
      )}
limit ${trusted(String(SAMPLES))}`.text,
    )
    const times: number[] = []
    for (const row of rows) times.push(await timeOf(client, plan, Object.values(row)))
    return times.length === 0 ? null : { medianMs: median(times), rows: times.length }
  } finally {
    await client.query('rollback')
  }
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly 'Planning Time': number; readonly 'Execution Time': number }[]
}

async function timeOf(client: Client, plan: Plan, values: UnitValues): Promise<number> {
  const [plain] = plan.statements.recompute
  const isFold = plan.immediate?.kind === 'fold'
  const [text, parameters] =
    isFold || plain === undefined
      ? [writeAgain(plan), values]
      : [plain.sql, batchParameters(plain.nulls, [values])]
  const [explained] = await client.query<Explained>(
    `explain (analyze, timing off, format json) ${text}`,
    parameters,
  )
  const [times] = explained?.['QUERY PLAN'] ?? []
  return times === undefined ? 0 : times['Planning Time'] + times['Execution Time']
}

function writeAgain({ storage, unit, columns }: Plan): string {
  const same = unit.map(
    ({ name, type }, i) => sql`${ident(name)} = $${trusted(String(i + 1))}::text::${trusted(type)}`,
  )
  const last = ident(columns.at(-1)?.name ?? '')
  return sql`update ${qualified(storage)} set ${last} = ${last} where ${join(same, ' and ')}`.text
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
