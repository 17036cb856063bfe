import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { combine } from '../define/problems.ts'
import { MillraceError } from '../errors.ts'
import { failuresOf, renderFailures } from './render-error.ts'

function render(error: MillraceError, cwd = '/app'): string {
  return renderFailures(failuresOf(error, cwd))
}

/** An error at the marker « in the text. */
function errorAt(marked: string, more: object = {}): MillraceError {
  const position = marked.indexOf('«')
  return new MillraceError('QUERY_INVALID', { position, source: marked.replace('«', ''), ...more })
}

test('shows message, detail, place, line with caret and hint', () => {
  const error = errorAt('\n  select p.id,\n    «p.titel\n  from p', {
    detail: 'column p.titel does not exist',
    hint: 'Perhaps you meant p.title.',
    file: '/app/models/feed.ts:12',
  })
  expect(render(error)).toBe(`error: PostgreSQL rejects this query (QUERY_INVALID)
  column p.titel does not exist
  at models/feed.ts:12
12 |     p.titel
   |     ^
  hint: Perhaps you meant p.title.
`)
})

test('shows only what is known', () => {
  expect(render(new MillraceError('CONFIG_NOT_FOUND'))).toBe(
    'error: there is no configuration (CONFIG_NOT_FOUND)\n',
  )
})

test('counts the line in the file where the query stands there as it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-render-'))
  const file = join(folder, 'feed.ts')
  writeFileSync(file, 'import x\n\nexport const feed = readModel(sql`\n  select a\n  from t`)\n')
  const error = errorAt('\n  select a\n  from «t', { file: `${file}:3` })
  expect(render(error, folder)).toContain('at feed.ts:5\n5 |   from t\n  |        ^\n')
  rmSync(folder, { recursive: true })
})

test.each([
  ['tabs', '\tselect\t«x', '1 | \tselect\tx\n  | \t      \t^\n'],
  ['wide characters', `select '日本', «x`, `1 | select '日本', x\n  | ${' '.repeat(15)}^\n`],
  ['emoji of several code points', `select '👩‍👩‍👧', «x`, `1 | select '👩‍👩‍👧', x\n  | ${' '.repeat(13)}^\n`],
  ['combining marks', `select 'e\u0301', «x`, `1 | select 'e\u0301', x\n  |             ^\n`],
  ['line ends of Windows', 'select\r\n  «x\r\nfrom t', '2 |   x\n  |   ^\n'],
  ['the end of the text', 'select a from «', '1 | select a from \n  |               ^\n'],
  ['the end of a line', 'select a«\nfrom', '1 | select a\n  |         ^\n'],
  ['an empty text', '«', '1 | \n  | ^\n'],
])('the caret stands right with %s', (_, marked, shown) => {
  expect(render(errorAt(marked))).toContain(shown)
})

test('tells everything that was found together', () => {
  const errors = combine([
    new MillraceError('BAD_CONFIG', { detail: 'one' }),
    new MillraceError('BAD_INDEX', { detail: 'two\nlines' }),
  ])
  expect(render(errors)).toBe(`error: the configuration cannot be used (BAD_CONFIG)
  one

error: an index declaration cannot be used (BAD_INDEX)
  two
  lines
`)
})
