import { stampOf, type Format } from './migration.ts'
import { scriptStyle } from './script-style.ts'
import { scriptText } from './script-text.ts'

/** A script with `up` and `down` for Kysely's Migrator, which runs all that are pending in one transaction. */
export const kysely: Format = async (migration, directory) => {
  const style = await scriptStyle(directory)
  const name = `${stampOf(migration.at)}_${migration.title}`
  const text = scriptText(migration, style, {
    parameter: 'db',
    type: 'Kysely<unknown>',
    imports: {
      typed: `import { sql, type Kysely } from 'kysely'`,
      module: `import { sql } from 'kysely'`,
      common: `const { sql } = require('kysely')`,
    },
    run: (sql) => `sql\`${sql}\`.execute(db)`,
  })
  return { name, files: [{ path: `${name}${style.extension}`, text }] }
}
