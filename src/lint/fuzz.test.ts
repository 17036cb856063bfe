import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { SEED } from '../../test/support/seed.ts'
import { loadParser, scanTokens } from '../sql/parse.ts'
import { fixTexts } from './fix.ts'
import { lintSql, lintTexts, type LintedText } from './lint.ts'
import { offsetsIn } from './offsets.ts'
import { usesOfQuery } from './uses.ts'

beforeAll(loadParser)

const ROUNDS = Number(process.env['MILLRACE_LINT_ROUNDS'] ?? 200)

/** Scripts that people and programs wrote. A folder of one's own is read as well: MILLRACE_LINT_CORPUS=migrations */
function corpus(): readonly LintedText[] {
  const own = process.env['MILLRACE_LINT_CORPUS'] ?? ''
  const pages = join(import.meta.dirname, '../../docs/lint')
  const golden = join(import.meta.dirname, '../../test/golden')
  return [
    ...filesIn(pages, /\.md$/).map(({ file, text }) => ({ file, text: blocksOf(text) })),
    ...filesIn(golden, /\/[a-d].*\/(schema|changes)\.sql$/),
    ...(own === '' ? [] : filesIn(own, /./).map(({ file, text }) => ({ file, text: blocksOf(text) }))),
  ]
}

function filesIn(folder: string, pattern: RegExp): readonly LintedText[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile() && pattern.test(join(it.parentPath, it.name)))
    .map((it) => join(it.parentPath, it.name))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
}

/** The SQL of a page, with blank lines in place of the rest; a file without blocks is SQL. */
function blocksOf(text: string): string {
  if (!/^```sql$/m.test(text)) return text
  let isSql = false
  const lines = text.split('\n').map((line) => {
    if (!line.startsWith('```')) return isSql ? line : ''
    isSql = line === '```sql'
    return ''
  })
  return lines.join('\n')
}

const uses = usesOfQuery({ name: 'feed' }, 'select * from users, projects, posts')

/** Every place lies in the text, and what is rewritten is so once. */
function expectSound(text: string): void {
  const findings = lintSql(text, { uses })
  for (const { line, column, text: shown } of findings) {
    expect(text.split('\n')[line - 1]?.replace(/\r$/, '')).toBe(shown)
    expect(column).toBeLessThanOrEqual(shown.length + 2)
  }
  if (!findings.some(({ canFix }) => canFix)) return
  const { texts } = fixTexts([{ file: '', text }], { uses })
  expect(lintTexts(texts, { uses }).filter(({ canFix }) => canFix)).toEqual([])
}

test('no script is too much for it, as it is and statement by statement', () => {
  const scripts = corpus()
  expect(scripts.length).toBeGreaterThan(50)
  for (const { text } of scripts) expectSound(text)
  const statements = new Set(scripts.flatMap(({ text }) => text.split(/;\s*\n/)))
  for (const statement of statements) lintSql(statement, { uses })
})

test('nor one whose words are left out, doubled or put elsewhere', () => {
  const scripts = corpus().filter(({ text }) => text.trim() !== '')
  const change = fc.record({
    script: fc.constantFrom(...scripts),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 0, max: 6 }),
    to: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom('leave out', 'double', 'move', 'cut off', 'insert'),
    inserted: fc.constantFrom(
      `'`,
      '$$',
      ';',
      '(',
      '"',
      'é',
      '\\',
      '--',
      '/*',
      '\u0000',
      '😀',
      'begin;',
      'millrace_',
    ),
  })
  fc.assert(
    fc.property(change, ({ script, from, length, to, kind, inserted }) => {
      const words = wordsOf(script.text)
      const at = Math.floor(from * words.length)
      const part = words.slice(at, at + length)
      const rest = [...words.slice(0, at), ...words.slice(at + length)]
      const place = Math.floor(to * rest.length)
      const changed = {
        'leave out': rest,
        double: [...words.slice(0, at), ...part, ...words.slice(at)],
        move: [...rest.slice(0, place), ...part, ...rest.slice(place)],
        'cut off': words.slice(0, at),
        insert: [...words.slice(0, at), inserted, ...words.slice(at)],
      }[kind]
      expectSound(changed.join(''))
    }),
    { numRuns: ROUNDS, seed: SEED },
  )
})

/** Each with the blanks and comments before it. */
function wordsOf(text: string): readonly string[] {
  const offset = offsetsIn(text)
  const ends = [0, ...(scanTokens(text) ?? []).map(({ end }) => offset(end)), text.length]
  return ends.slice(1).map((end, i) => text.slice(ends[i], end))
}
