import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { lintTexts, type LintedText } from '../src/lint/lint.ts'
import { fixTexts } from '../src/lint/fix.ts'
import { RULES } from '../src/lint/rules.ts'
import { usesOfQuery } from '../src/lint/uses.ts'
import type { Connection } from '../src/pg/client.ts'
import { loadParser, parseStatements } from '../src/sql/parse.ts'
import { createTestDatabase } from './support/database.ts'
import { blocksOf } from './support/document.ts'

const PAGES = new URL('../docs/lint/', import.meta.url)
const overview = blocksOf(new URL('README.md', PAGES))
const schema = overview.find(({ text }) => text.startsWith('create table'))?.text ?? ''
const query = /query: sql`(?<query>[^`]*)`/.exec(overview.at(-1)?.text ?? '')?.groups?.['query'] ?? ''
const names = RULES.map(({ name }) => name)

beforeAll(loadParser)

function textsOf(text: string): readonly LintedText[] {
  return [
    { file: '1_schema.sql', text: schema },
    { file: '2_example.sql', text },
  ]
}

/** The rules that find something in an example, each once. */
function rulesIn(texts: readonly LintedText[]): readonly string[] {
  const found = lintTexts(texts, { uses: usesOfQuery({ schema: 'public', name: 'feed' }, query) })
  expect(found.filter(({ file }) => file === '1_schema.sql')).toEqual([])
  return [...new Set(found.map(({ rule }) => rule))]
}

test('each rule has a file, a page and a line of the overview of its name', () => {
  const files = readdirSync(new URL('../src/lint/rules/', import.meta.url)).map((it) => it.replace('.ts', ''))
  expect([...names].sort()).toEqual(files.sort())
  const pages = readdirSync(PAGES).filter((it) => it !== 'README.md')
  expect(pages.map((it) => it.replace('.md', '')).sort()).toEqual(files)
  const text = readFileSync(new URL('README.md', PAGES), 'utf8')
  for (const name of names) expect(text).toContain(`| [${name}](${name}.md)`)
})

describe.each(names)('%s', (name) => {
  const blocks = blocksOf(new URL(`${name}.md`, PAGES))
  const wrong = blocks.filter(({ text }) => text.startsWith('-- wrong\n'))
  const right = blocks.filter(({ text }) => text.startsWith('-- right\n'))

  test('finds each statement that the page calls wrong', () => {
    expect(wrong.length).toBeGreaterThan(0)
    for (const [i, { text }] of wrong.entries()) {
      const found = lintTexts(textsOf(text), { uses: usesOfQuery({ name: 'feed' }, query) })
      // A second example is of several statements together.
      const least = i === 0 ? statementsOf(text).filter((it) => !/^(begin|commit);/.test(it)).length : 1
      expect(found.filter(({ rule }) => rule === name).length).toBeGreaterThanOrEqual(least)
    }
  })

  test('finds nothing in what it calls right, nor in what is rewritten', () => {
    expect(right.length).toBeGreaterThan(0)
    for (const { text } of right) expect(rulesIn(textsOf(text))).toEqual([])
    for (const { text } of wrong) {
      const { texts } = fixTexts(textsOf(text))
      expect(lintTexts(texts).filter(({ canFix }) => canFix)).toEqual([])
    }
  })
})

describe('PostgreSQL runs what the pages call right', () => {
  let client: Connection
  beforeAll(async () => {
    client = await (await createTestDatabase()).connect('superuser')
  })

  test.each(names)('%s', async (name) => {
    await client.query('drop schema public cascade; create schema public')
    await client.query(schema)
    const blocks = blocksOf(new URL(`${name}.md`, PAGES)).filter(({ text }) => text.startsWith('-- right\n'))
    for (const { text } of blocks) for (const statement of statementsOf(text)) await client.query(statement)
  })
})

/** One at a time: several at once are a transaction. */
function statementsOf(text: string): readonly string[] {
  const parts: string[] = []
  let open = ''
  for (const part of text
    .replace(/^--.*\n/, '')
    .trim()
    .split(/(?<=;)\n/)) {
    open += part
    // A semicolon in a body is not the end.
    if (parseStatements(open).kind === 'problem') continue
    parts.push(open)
    open = ''
  }
  expect(open).toBe('')
  return parts
}
