import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERRORS } from '../src/errors.ts'

const ROOT = join(import.meta.dirname, '..')

/** `### CODE`, its sentence as a quotation, when it appears, the way out. */
const SECTION = /^### (?<code>[A-Z_]+)\n\n> (?<sentence>.+)\n\n\*\*When:\*\* [^*]+\n\*\*Way out:\*\* \S[^#]*$/

const sections = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')
  .split(/^(?=##)/m)
  .filter((it) => it.startsWith('### '))

test.each(sections.map((text) => [text.split('\n')[0] ?? '', text]))(
  '%s is documented in full',
  (_, text) => {
    expect(text).toMatch(SECTION)
  },
)

test('the table of errors and the documentation agree', () => {
  const documented = sections.map((text) => {
    const { code, sentence } = SECTION.exec(text)?.groups ?? {}
    return [code, sentence]
  })
  expect(Object.fromEntries(documented)).toEqual(ERRORS)
  expect(documented).toHaveLength(Object.keys(ERRORS).length)
})

test('every code is used', () => {
  const source = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'errors.ts')
    .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'))
    .join('\n')
  const unused = Object.keys(ERRORS).filter((code) => !source.includes(`'${code}'`))
  expect(unused).toEqual([])
})
