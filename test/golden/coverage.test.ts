import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refusalCodes } from '../support/documented-errors.ts'
import { caseFolders, codeOf, FILES, kindOf } from './cases.ts'

/** Refusals of models that are refreshed as a whole, which have no SQL to compare: test/end-to-end/schedule.test.ts. */
const REFRESHED = ['QUERY_WRITES', 'SOURCE_TEMPORARY']

test('every refusal of a query has a folder, and every such folder a refusal', () => {
  const codes = refusalCodes().filter((code) => !REFRESHED.includes(code))
  expect(codes.length).toBeGreaterThan(25)
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
