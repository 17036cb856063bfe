import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import type { Sql } from '../sql/sql.ts'
import { sql } from './sql.ts'

test('keeps the text as it was written', () => {
  expect(sql`select E'\n', '\d+' from t`.text).toBe(String.raw`select E'\n', '\d+' from t`)
})

test('takes other pieces', () => {
  const visible = sql`not p.is_deleted`
  expect(sql`select p.id from p where ${visible} and ${sql`true`}`.text).toBe(
    'select p.id from p where not p.is_deleted and true',
  )
})

test.each([['1; drop table x'], [7], [null], [undefined], [{ text: 'x' }], [['a']], [() => 'x']])(
  'refuses %o, and shows where it stands',
  (value) => {
    const error = errorOf(() => sql`select ${sql`a`} from t where a = ${value as unknown as Sql}`)
    expect(error.code).toBe('BAD_SQL_PART')
    expect(error.source).toBe('select ${1} from t where a = ${2}')
    expect(error.source?.slice(error.position)).toBe('${2}')
    expect(error.file).toMatch(/sql\.test\.ts:\d+$/)
  },
)

function errorOf(run: () => unknown): MillraceError {
  try {
    run()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
