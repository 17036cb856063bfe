import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../sql/parse.ts'
import { sqlInScript } from './sql-in-script.ts'

beforeAll(loadParser)

/** What a script runs, and how it comes to that, by what is special about it. */
type Case = readonly [name: string, source: string, statements: readonly string[], unread?: readonly string[]]

const CASES: readonly Case[] = [
  ['Knex', 'await knex.raw("drop table a")', ['drop table a']],
  [
    'Knex, chained',
    "return knex.schema.raw('drop table a').raw(`drop table b`)",
    ['drop table a', 'drop table b'],
  ],
  [
    'Knex, several at once',
    "await Promise.all([knex.raw('select 1'), knex.raw('select 2')])",
    ['select 1', 'select 2'],
  ],
  [
    'Knex, bindings',
    "await knex.raw('select ??, ? from a where b \\\\? 1', ['b', 2])",
    [`select "??", null from a where b ? 1`],
  ],
  ['Knex, a function that runs it', "exports.up = (knex) => knex.raw('drop table a')", ['drop table a']],
  ['Kysely', 'await sql`drop table a`.execute(db)', ['drop table a']],
  [
    'Kysely, typed',
    'await sql<{ n: number }>`select 1 as n`.execute(db as Kysely<never>)',
    ['select 1 as n'],
  ],
  ['Kysely, as text', 'await sql.raw("drop table a").execute(db)', ['drop table a']],
  [
    'Kysely, a name',
    'await sql`drop table ${sql.table(name)}`.execute(db)',
    ['drop table "${sql.table(name)}"'],
    ['sql.table(name)'],
  ],
  [
    'Kysely, a fragment with known text',
    "await sql`drop table ${sql.raw('a')}`.execute(db)",
    ['drop table a'],
  ],
  ['node-pg-migrate', 'pgm.sql(`drop table a;`)', ['drop table a;']],
  ['node-pg-migrate, with names', "pgm.sql('drop table {it}', { it: name })", ['drop table "{it}"']],
  [
    'constants',
    "const A = 'a'\nconst B = `${A}_b`\npgm.sql('drop table ' + A + `, ${B}`)",
    ['drop table a, a_b'],
  ],
  [
    'a constant of another scope too',
    "const A = 'a'\n{ const A = 'b' }\npgm.sql(`drop table ${A}`)",
    ['drop table "${A}"'],
    ['A'],
  ],
  [
    'within quotes and words',
    'pgm.sql(`select \'${x}\', "${y}", a_${z.n}`)',
    [`select '\${x}', "\${y}", a_z_n`],
    ['x', 'y', 'z.n'],
  ],
  ['escapes', "pgm.sql(`select 'a\\`b\\n\\u0041\\x42\\u{43} \\${x}' \\\n`)", ["select 'a`b\nABC ${x}' "]],
  ['a comment at the end', 'pgm.sql(`drop table a -- gone`)', ['drop table a -- gone']],
  [
    'what builders put together',
    "t.timestamp('at').defaultTo(knex.raw('now()')); db.schema.addColumn('a', sql`text`)",
    [],
  ],
  ['text from elsewhere', 'await knex.raw(read())\npgm.sql(lines.join())', [], ['knex.raw', 'pgm.sql']],
  ['a script that cannot be read', 'export const up = (', [], ['']],
]

const NAMED = CASES.map(([name, source, statements, unread = []]) => ({ name, source, statements, unread }))

test.each(NAMED)('$name', async ({ source, statements, unread }) => {
  const found = await sqlInScript(source, 'm.ts')
  const parts = found.text.split(/\n?;\n/).filter((it) => it !== '')
  expect(parts).toEqual(statements.map((it) => it.replace(/;$/, '')))
  expect(found.offsets).toHaveLength(found.text.length)
  expect(found.unread).toHaveLength(unread.length)
  found.unread.forEach(({ at }, i) => {
    expect(source.slice(at).startsWith(unread[i] ?? '')).toBe(true)
  })
})

test('each character is placed where it stands in the script', async () => {
  const source =
    "export async function up(pgm) {\n  pgm.sql('drop \\'x\\'')\n  // millrace-lint-ignore drop-money: archived\n  pgm.sql(`\n    truncate b`)\n}"
  const { text, offsets, isMigration, inTransaction } = await sqlInScript(source, 'm.js')
  const placeOf = (word: string) => source.slice(offsets[text.indexOf(word)]).slice(0, word.length)
  expect(text).toBe("drop 'x'\n;\n-- millrace-lint-ignore drop-money: archived\n\n    truncate b\n;\n")
  expect([placeOf('drop'), placeOf('truncate'), placeOf('b')]).toEqual(['drop', 'truncate', 'b'])
  expect({ isMigration, inTransaction }).toEqual({ isMigration: true, inTransaction: true })
})

test.each([
  ['exports.config = { transaction: false }'],
  ['export const config = { transaction: false }'],
  ['exports.up = (pgm) => { pgm.noTransaction() }'],
])('%s: outside of a transaction', async (source) => {
  expect(await sqlInScript(source, 'm.js')).toMatchObject({ inTransaction: false })
})
