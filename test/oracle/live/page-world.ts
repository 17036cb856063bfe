import type { Client } from '../../../src/pg/client.ts'
import type { LivePageOptions } from '../../../src/server/live/live-changes.ts'
import { literal, qualified } from '../../../src/sql/sql.ts'
import type { InstalledModel } from '../../../src/work/model.ts'
import type { Random } from '../random.ts'

/**
 * Notes every state of the stored rows that a transaction has committed. Those who drain one read model take turns, so
 * the states have an order; of one that its writers keep they have none, and it is left out.
 */
export async function noteStates(owner: Client, models: readonly InstalledModel[]): Promise<void> {
  await owner.query(`
    create table states (n bigint generated always as identity, model text, xid xid8, rows jsonb, unique (model, xid));
    create function note_state() returns trigger language plpgsql security definer as $$
    declare state jsonb;
    begin
      if exists (select from states where model = tg_argv[0] and xid = pg_current_xact_id()) then return null; end if;
      execute format('select coalesce(jsonb_agg(to_jsonb(s)), ''[]'') from %s as s', tg_argv[1]) into state;
      insert into states (model, xid, rows) values (tg_argv[0], pg_current_xact_id(), state);
      return null;
    end $$;`)
  for (const { plan } of models.filter((it) => it.plan.immediate === null)) {
    const { name } = plan.model
    const storage = qualified(plan.storage).text
    await owner.query(
      `create constraint trigger note_state after insert or update or delete on ${storage} deferrable initially deferred
       for each row execute function note_state(${literal(name).text}, ${literal(storage).text})`,
    )
    await owner.query(
      `insert into states (model, xid, rows) select $1, null, coalesce(jsonb_agg(to_jsonb(s)), '[]') from ${storage} as s`,
      [name],
    )
  }
}

export interface PageSubject {
  readonly model: string
  readonly page: LivePageOptions
  readonly hasStates: boolean
  /** The same in SQL. */
  readonly condition: string
  readonly order: string
}

interface Model {
  readonly name: string
  readonly hasStates: boolean
  readonly key: string
  readonly orders: readonly string[]
  readonly filters: readonly { readonly where: Readonly<Record<string, unknown>>; readonly sql: string }[]
}

const ALL = { where: {}, sql: 'true' }
const OF_A_PAIR = [0, 1, 2, 3].map((pair) => ({ where: { pair }, sql: `pair = ${String(pair)}` }))

const ITEMS: Model = {
  name: 'live_items',
  hasStates: true,
  key: 'id',
  orders: ['balance desc', 'seq desc', 'kind', 'kind desc nulls last', 'payload', 'id desc'],
  filters: [
    ALL,
    ...OF_A_PAIR,
    { where: { kind: null }, sql: 'kind is null' },
    { where: { kind: 'a' }, sql: `kind = 'a'` },
    { where: { kind: ['b', null] }, sql: `(kind = 'b' or kind is null)` },
    { where: { pair: 2, kind: 'b' }, sql: `pair = 2 and kind = 'b'` },
    { where: { balance: { gte: 0, lt: 20 } }, sql: 'balance >= 0 and balance < 20' },
  ],
}

const MODELS: readonly Model[] = [
  ITEMS,
  {
    name: 'live_kinds',
    hasStates: true,
    key: 'pair, kind',
    orders: ['total desc', 'items desc', 'kind nulls first'],
    filters: [ALL, ...OF_A_PAIR, { where: { kind: null }, sql: 'kind is null' }],
  },
  {
    name: 'live_pairs',
    hasStates: false,
    key: 'pair',
    orders: ['items desc', 'pair desc'],
    filters: [ALL, { where: { items: { gt: '3' } }, sql: 'items > 3' }],
  },
]

const OF_ONE_SHAPE = { ...ITEMS, orders: ['balance desc'], filters: OF_A_PAIR }

/** Some pages have an index and some have none; many have fewer rows than there are, and some differ in a value only. */
export function drawPage(random: Random): PageSubject {
  const isOfOneShape = random.oneIn(3)
  const { name, hasStates, key, orders, filters } = isOfOneShape ? OF_ONE_SHAPE : random.pick(MODELS)
  const orderBy = [...new Set([random.pick(orders), random.pick(orders)])]
  const { where, sql } = random.pick(filters)
  const page = { orderBy, where, n: isOfOneShape ? 3 : 1 + random.below(12), unindexed: 'allow' } as const
  return { model: name, page, hasStates, condition: sql, order: [...orderBy, key].join(', ') }
}

/** The rows of a page as texts, for columns of one type come as different ones by JSON and by the driver. */
export type Texts = readonly (readonly [string, string | null][])[]

export function textsOf(rows: readonly object[]): string {
  const texts: Texts = rows.map((row) =>
    Object.entries(row)
      .map(([name, value]): [string, string | null] => [name, value === null ? null : String(value)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
  return JSON.stringify(texts)
}

function pageOf(relation: string, { page, condition, order }: PageSubject): string {
  return `select * from ${relation} where ${condition} order by ${order} limit ${String(page.n)}`
}

/** The page by SQL, of what readers read. */
export async function presentPage(owner: Client, subject: PageSubject): Promise<string> {
  return textsOf(await owner.query(pageOf(subject.model, subject)))
}

/** The same of every state that was committed, in their order. */
export async function pagesOfStates(owner: Client, subject: PageSubject): Promise<readonly string[]> {
  const seen = `(select r.* from jsonb_populate_recordset(null::${subject.model}, s.rows) as r) as seen`
  const states = await owner.query<{ rows: readonly object[] }>(
    `select (select coalesce(json_agg(p), '[]') from (${pageOf(seen, subject)}) as p) as rows
     from states as s where s.model = $1 order by s.n`,
    [subject.model],
  )
  return states.map(({ rows }) => textsOf(rows))
}
