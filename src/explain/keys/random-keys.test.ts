import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTestDatabase } from '../../../test/support/database.ts'
import { normalize } from '../../analyze/normalize/normalize.ts'
import { canonicalize } from '../../catalog/canonicalize.ts'
import type { Client } from '../../pg/client.ts'
import { loadParser } from '../../sql/parse.ts'
import { keysOfSelect } from './candidate-keys.ts'

/** Few values and many nulls, so that what is no key soon has two rows of one value. */
const SCHEMA = `
  create table a (id int primary key, x int, y int not null, z int unique);
  create table b (id int primary key, x int, y int not null, z int not null unique);
  create table c (x int not null, y int not null, id int, z int, primary key (x, y));`

const TABLES = ['a', 'b', 'c'] as const
const COLUMNS = ['id', 'x', 'y', 'z'] as const

const RUNS = Number(process.env['MILLRACE_KEY_QUERIES'] ?? '80')

const column = (alias: string) => fc.constantFrom(...COLUMNS).map((name) => `${alias}.${name}`)
const table = fc.constantFrom(...TABLES)

/** t1 joined to t2, and perhaps to t3, in any way, with conditions that may say nothing useful. */
const from = fc
  .tuple(
    table,
    table,
    table,
    fc.constantFrom('join', 'left join', 'right join', 'full join'),
    fc.constantFrom('join', 'left join'),
    fc.boolean(),
  )
  .chain(([one, two, three, first, second, isDerived]) =>
    fc
      .tuple(equalities('t1', 't2'), equalities('t2', 't3'), fc.constantFrom(...COLUMNS), fc.nat(3))
      .map(([on, more, group, width]) => {
        const inner = isDerived
          ? `(select ${group}, count(*) as n, max(id) as id, max(x) as y, max(y) as z from ${two} group by ${group})`
          : two
        const derived = isDerived
          ? inner.replace(`select ${group}, `, `select ${group === 'x' ? 'x' : `${group} as x`}, `)
          : inner
        const pair = `${one} as t1 ${first} ${derived} as t2 on ${on}`
        return width < 2
          ? { text: pair, aliases: ['t1', 't2'] }
          : { text: `${pair} ${second} ${three} as t3 on ${more}`, aliases: ['t1', 't2', 't3'] }
      }),
  )

/** FULL JOIN wants an equality that can be hashed, so there always is one. */
function equalities(left: string, right: string): fc.Arbitrary<string> {
  const equality = fc.tuple(column(left), column(right)).map(([a, b]) => `${a} = ${b}`)
  const constant = column(right).map((it) => `${it} = 1`)
  return fc
    .tuple(equality, fc.array(fc.oneof(equality, constant), { maxLength: 2 }))
    .map(([first, others]) => [first, ...others].join(' and '))
}

const query = from.chain(({ text, aliases }) => {
  const anyColumn = fc.constantFrom(...aliases).chain(column)
  const where = fc.option(
    fc.oneof(
      fc.tuple(anyColumn, anyColumn).map(([a, b]) => `${a} = ${b}`),
      anyColumn.map((it) => `${it} = 2`),
    ),
  )
  return fc
    .tuple(
      fc.uniqueArray(anyColumn, { minLength: 1, maxLength: 5 }),
      where,
      fc.constantFrom('', 'distinct', 'group', 'union', 'except'),
    )
    .map(([columns, condition, form]) => {
      const list = columns.map((it, i) => `${it} as o${String(i)}`).join(', ')
      const rest = `from ${text}${condition === null ? '' : ` where ${condition}`}`
      if (form === 'group')
        return `select ${list}, count(*) as n ${rest} group by ${columns.slice(0, 3).join(', ')}${columns
          .slice(3)
          .map((it) => `, ${it}`)
          .join('')}`
      if (form === 'union') return `select 'l' as side, ${list} ${rest} union all select 'r', ${list} ${rest}`
      if (form === 'except')
        return `select ${list} ${rest} except all select ${list} ${rest} and false`.replace(
          /and false$/,
          condition === null ? 'where false' : 'and false',
        )
      return `select ${form} ${list} ${rest}`
    })
})

/** Seen to fail where the condition of an outer join counted as one that every row meets. */
test('whatever is called a key is one, of random queries over random rows', async () => {
  await loadParser()
  const database = await createTestDatabase(SCHEMA)
  const application = await database.connect('application')
  const owner = await database.connect('owner')
  let claimed = 0
  for (const [i, text] of fc.sample(query, { numRuns: RUNS, seed: 7 }).entries()) {
    if (i % 20 === 0) await fill(application, i)
    const canonical = await canonicalize(owner, text)
    const { outputs, keys } = keysOfSelect(canonical, normalize(canonical))
    for (const key of keys) {
      claimed += 1
      const columns = key.map((it) => `"${outputs[it] ?? ''}"`).join(', ')
      const grouping = key.length === 0 ? '' : `group by ${columns}`
      const twice = await owner.query(`select count(*) from (${text}) as q ${grouping} having count(*) > 1`)
      expect(twice, `${text}\nkey: ${columns}`).toEqual([])
    }
  }
  // Claiming nothing would be a way to be right.
  expect(claimed).toBeGreaterThan(RUNS / 3)
})

/** Rows anew, as many as the values allow. */
async function fill(client: Client, seed: number): Promise<void> {
  await client.query(`select setseed(${String((seed % 100) / 100)})`)
  const value = (of: number) => `nullif(floor(random() * ${String(of)})::int, 0)`
  const sure = (of: number) => `floor(random() * ${String(of)})::int`
  await client.query('truncate a, b, c')
  await client.query(
    `insert into a select i, ${value(4)}, ${sure(3)}, case when i % 2 = 0 then i / 2 end from generate_series(0, 7) as i`,
  )
  await client.query(`insert into b select i, ${value(4)}, ${sure(3)}, 7 - i from generate_series(0, 7) as i`)
  await client.query(
    `insert into c select x, y, ${value(3)}, ${value(3)} from generate_series(0, 3) as x, generate_series(0, 2) as y where random() < 0.8`,
  )
}
