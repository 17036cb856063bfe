import { MillraceError } from '../../errors.ts'
import { stampOf, type Format } from './migration.ts'
import { scriptStyle } from './script-style.ts'
import { scriptText } from './script-text.ts'

/** A script with `up` and `down`. Knex runs each in a transaction of its own. */
export const knex: Format = async (migration, directory) => {
  const style = await scriptStyle(directory)
  const name = `${stampOf(migration.at)}_${migration.title}${style.extension}`
  const text = scriptText(migration, style, {
    parameter: 'knex',
    type: 'Knex',
    imports: { typed: `import type { Knex } from 'knex'` },
    run: (sql) => `knex.raw(\`${sql}\`)`,
    encode: escapeBindings,
  })
  return { name, files: [{ path: name, text }] }
}

/** Knex takes each question mark for a parameter, wherever it stands, unless there is a backslash before it; then it takes that away. */
function escapeBindings(statement: string): string {
  if (statement.includes('\\?')) {
    throw new MillraceError('NOT_YET_SUPPORTED', {
      detail: 'Knex has no way to run SQL with a question mark after a backslash',
      hint: 'In a regular expression write [?] instead.',
    })
  }
  return statement.replaceAll('?', String.raw`\?`)
}
