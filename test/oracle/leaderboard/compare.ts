import type { Plan, PlanLeaderboard, RelationName } from '../../../src/compile/plan.ts'
import type { Client } from '../../../src/pg/client.ts'
import { ident, join, sql, trusted, type Sql } from '../../../src/sql/sql.ts'
import type { Random } from '../random.ts'

/** A read model that is known to be ranked. */
export type RankedPlan = Plan & { readonly leaderboard: PlanLeaderboard }
type Tree = PlanLeaderboard['trees'][number]

export interface RankDifference {
  readonly question: string
  readonly rows: readonly unknown[]
}

const nameOf = ({ schema, name }: RelationName) => ident(schema, name)

/**
 * Asks all questions of one leaderboard in the caller's snapshot, of every row or of some that are drawn, and compares the
 * answers with window functions over the stored table: `row_number()` and `rank()` over score, ties and key as ORDER BY
 * sorts them, and for the percentile 100 · (1 - percent_rank()).
 */
export async function compareRanks(
  client: Client,
  plan: RankedPlan,
  random: Random,
): Promise<readonly RankDifference[]> {
  const found: RankDifference[] = []
  for (const tree of plan.leaderboard.trees) {
    for (const [question, statement] of questions(plan, tree, random)) {
      const rows = await client.query(statement.text)
      if (rows.length > 0) found.push({ question: `${question} ${tree.within.join(', ')}`, rows })
    }
  }
  return found
}

function questions(plan: RankedPlan, tree: Tree, random: Random): readonly (readonly [string, Sql])[] {
  const list = tree.within.length === 0 ? '' : `_in_${tree.within.join('_')}`
  const ask = (part: string) => ident(plan.model.schema, `${plan.model.name}_${part}${list}`)
  const expected = expectedRows(plan, tree)
  const keys = plan.key.map((name) => ident('s', name))
  const visible = plan.columns.filter(({ hidden }) => !hidden).map(({ name }) => name)
  const row = (alias: string) => sql`row(${join(visible.map((name) => ident(alias, name)))})`
  const sameGroup = tree.within.map(
    (name) => sql`${ident('e', name)} is not distinct from ${ident('s', name)}`,
  )
  const sameKey = join(
    plan.key.map((name) => sql`${ident('e', name)} is not distinct from ${ident('s', name)}`),
    ' and ',
  )
  const numbers = [random.below(40), random.below(8)] as const
  const [skip, n] = numbers.map((it) => trusted(String(it))) as [Sql, Sql]
  const draw = trusted(`'${String(random.below(1000))}'`)
  const sample = (size: number) =>
    sql`(select * from ${nameOf(plan.storage)} order by hashtext(${join(
      plan.key.map((name) => sql`coalesce(${ident(name)}::text, '')`),
      " || '/' || ",
    )} || ${draw}) limit ${trusted(String(size))}) as s`
  const some = sample(6)
  const columns = join([trusted('1 as one'), ...tree.within.map((name) => ident(name))])
  const groups = sql`(select * from (select distinct ${columns} from ${nameOf(plan.storage)}) as g order by hashtext(g::text || ${draw}) limit 6) as s`
  const groupArgs = tree.within.map((name) => ident('s', name))
  const answers = (call: Sql) => sql`select a.rank, ${row('a')}::text as item from ${call} as a`
  const differ = (from: Sql, call: Sql, rank: string, where: Sql) => sql`select to_jsonb(s) as s, x.*
from ${from}
cross join lateral (
  (select 'answered' as side, y.* from (${answers(call)} except all (select e.${trusted(rank)}, ${row('e')}::text from expected as e where ${where})) as y)
  union all
  (select 'expected', y.* from ((select e.${trusted(rank)}, ${row('e')}::text from expected as e where ${where}) except all ${answers(call)}) as y)
) as x
limit 5`
  const own = sql`(select o.r from expected as o where ${join(
    plan.key.map((name) => sql`${ident('o', name)} is not distinct from ${ident('s', name)}`),
    ' and ',
  )})`
  const inOwnGroup = [...sameGroup]
  const and = (conditions: readonly Sql[]) =>
    join(conditions.length === 0 ? [trusted('true')] : conditions, ' and ')
  const withExpected = (statement: Sql) => sql`with expected as materialized (${expected}) ${statement}`
  // A key that holds a null cannot be asked for.
  const asked = and(plan.key.map((name) => sql`${ident('s', name)} is not null`))
  return [random.pick(['r', 'shared_r'] as const)]
    .flatMap((rank): (readonly [string, Sql])[] => {
      const shared = trusted(`shared => ${String(rank === 'shared_r')}`)
      const call = (part: string, args: readonly Sql[]) => sql`${ask(part)}(${join([...args, shared])})`
      return [
        ['all', differ(groups, call('top', [...groupArgs, trusted('n => 1000000')]), rank, and(sameGroup))],
        [
          'page',
          differ(
            groups,
            call('top', [...groupArgs, n, skip]),
            rank,
            and([...sameGroup, sql`e.r > ${skip} and e.r <= ${skip} + ${n}`]),
          ),
        ],
        [
          'around',
          differ(
            some,
            call('around', [...keys, n]),
            rank,
            and([...inOwnGroup, sql`${asked} and abs(e.r - ${own}) <= ${n}`]),
          ),
        ],
        [
          'after',
          differ(
            some,
            call('after', [...keys, n]),
            rank,
            and([...inOwnGroup, sql`${asked} and e.r > ${own} and e.r <= ${own} + ${n}`]),
          ),
        ],
        [
          'rank',
          sql`select to_jsonb(s) as s, e.${trusted(rank)} as expected, ${call('rank', keys)} as answered
from ${sample(20)}
left join expected as e on ${sameKey}
where ${asked} and e.${trusted(rank)} is distinct from ${call('rank', keys)}
limit 5`,
        ],
        [
          'percentile',
          sql`select to_jsonb(s) as s, e.${trusted(`percentile_${rank}`)} as expected, ${call('percentile', keys)} as answered
from ${some}
left join expected as e on ${sameKey}
where ${asked} and coalesce(abs(e.${trusted(`percentile_${rank}`)} - ${call('percentile', keys)}) > 1e-9,
      (e.r is null) <> (${call('percentile', keys)} is null))
limit 5`,
        ],
        ...(rank === 'r'
          ? [
              [
                'count',
                sql`select to_jsonb(s) as s, ${ask('count')}(${join(groupArgs)}) as answered
from ${groups}
where ${ask('count')}(${join(groupArgs)}) <> (select count(*) from expected as e where ${and(sameGroup)})`,
              ] as const,
            ]
          : []),
      ].map(
        ([question, statement]) => [`${question as string} ${rank}`, withExpected(statement as Sql)] as const,
      )
    })
    .concat(tree.within.length > 0 ? [] : [among(plan, some)])
}

/** Every ranked row with its ranks, by window functions. */
function expectedRows(plan: RankedPlan, { within }: Tree): Sql {
  const { order } = plan.leaderboard
  const entry = ({ column, isDescending }: (typeof order)[number]) =>
    isDescending ? sql`${ident(column)} desc` : ident(column)
  const partition =
    within.length === 0 ? trusted('') : sql`partition by ${join(within.map((it) => ident(it)))} `
  const ranked = [...order.slice(0, 1).map(({ column }) => column), ...within]
  return sql`select ${join(plan.columns.map(({ name }) => ident(name)))},
  row_number() over whole as r, rank() over score as shared_r,
  100 * (1 - percent_rank() over whole) as percentile_r, 100 * (1 - percent_rank() over score) as percentile_shared_r
from ${nameOf(plan.storage)}
where ${join(
    ranked.map((name) => sql`${ident(name)} is not null`),
    ' and ',
  )}
window whole as (${partition}order by ${join(order.map(entry))}), score as (${partition}order by ${join(order.slice(0, 1).map(entry))})`
}

/** Those of a list, ranked among themselves: and asked for twice over. */
function among(plan: RankedPlan, some: Sql): readonly [string, Sql] {
  const call = ident(plan.model.schema, `${plan.model.name}_among`)
  const { order } = plan.leaderboard
  const entries = order.map(({ column, isDescending }) =>
    isDescending ? sql`${ident('s', column)} desc` : ident('s', column),
  )
  const lists = plan.key.map(
    (name) =>
      sql`(select array_agg(${ident('s', name)}) from (select * from ${some} union all select * from ${some}) as s)`,
  )
  const score = ident('s', order[0]?.column ?? '')
  const visible = plan.columns.filter(({ hidden }) => !hidden).map(({ name }) => name)
  const row = (alias: string) => sql`row(${join(visible.map((name) => ident(alias, name)))})::text`
  const asked = join(
    plan.key.map((name) => sql`${ident('s', name)} is not null`),
    ' and ',
  )
  const side = (shared: boolean) => {
    const how = trusted(shared ? 'rank' : 'row_number')
    const by = join(shared ? entries.slice(0, 1) : entries)
    return [
      sql`select a.rank, ${row('a')} from ${call}(${join(lists)}, ${trusted(String(shared))}) as a`,
      sql`select ${how}() over (order by ${by}), ${row('s')} from ${some} where ${score} is not null and ${asked}`,
    ] as const
  }
  const parts = [side(true), side(false)].flatMap(([a, b]) => [
    sql`(${a} except all ${b})`,
    sql`(${b} except all ${a})`,
  ])
  return ['among', join(parts, '\nunion all\n')]
}

/** What must hold of the trees themselves between transactions: right counts, no entry too full, no level too many. */
export async function compareTrees(
  client: Client,
  { leaderboard }: RankedPlan,
): Promise<readonly RankDifference[]> {
  const found: RankDifference[] = []
  for (const { entries, check } of leaderboard.trees) {
    const most = trusted(String(2 * leaderboard.bucket))
    const wrong = await client.query(
      sql`select ${nameOf(check)}() as entries where ${nameOf(check)}() > 0`.text,
    )
    const full = await client.query(
      sql`select e.id, e.rows, (select count(*) from ${nameOf(entries)} as c where c.parent = e.id) as children
from ${nameOf(entries)} as e
where (e.is_leaf and e.rows > ${most}) or e.rows = 0
   or (select count(*) from ${nameOf(entries)} as c where c.parent = e.id) > ${most}
   or (e.parent is null and (select count(*) from ${nameOf(entries)} as c where c.parent = e.id) = 1)`.text,
    )
    if (wrong.length + full.length > 0)
      found.push({ question: `tree ${entries.name}`, rows: [...wrong, ...full] })
  }
  return found
}
