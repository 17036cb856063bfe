import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/errors.ts'
import { caseFolders, codeOf, FILES, kindOf } from './cases.ts'

const DOCUMENTATION = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')

/** The codes that docs/errors.md lists as being about the query, and all whose name says so. */
function refusalCodes(): readonly string[] {
  const chapter = /^## The query\n(?<sections>.*?)(?=^## |$(?![^]))/ms.exec(DOCUMENTATION)?.groups?.[
    'sections'
  ]
  const documented = [...(chapter ?? '').matchAll(/^### (?<code>[A-Z_]+)$/gm)].map(
    ({ groups }) => groups?.['code'],
  )
  const named = Object.keys(ERRORS).filter((code) => /^(UNSUPPORTED|KEY|SOURCE)_/.test(code))
  return [...new Set([...documented, ...named].flatMap((it) => it ?? []))].sort()
}

test('every refusal of a query has a folder, and every such folder a refusal', () => {
  const codes = refusalCodes()
  expect(codes.length).toBeGreaterThan(30)
  const refused = caseFolders().filter((name) => kindOf(name) === 'refused')
  expect(refused.map(codeOf).sort()).toEqual(codes)
})

test.each(caseFolders())('%s has its files and no others', (name) => {
  const { written, generated } = FILES[kindOf(name)]
  const folder = join(import.meta.dirname, name)
  expect(readdirSync(folder).sort()).toEqual([...written, ...generated].sort())
  for (const file of written) {
    expect(existsSync(join(folder, file)) && readFileSync(join(folder, file), 'utf8').trim(), file).not.toBe(
      '',
    )
  }
})
