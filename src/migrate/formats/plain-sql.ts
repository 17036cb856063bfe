import { stampOf, type Format } from './migration.ts'
import { guarded, sqlText } from './sql-text.ts'

/** Two files of SQL, run by `millrace migrate`: `20261121201254_feed.up.sql` and `….down.sql`. */
export const plainSql: Format = ({ at, title, header, up, down }) => {
  const name = `${stampOf(at)}_${title}`
  return Promise.resolve({
    name,
    files: [
      { path: `${name}.down.sql`, text: sqlText([...header, '', 'Undoes it.'], guarded(down)) },
      { path: `${name}.up.sql`, text: sqlText(header, guarded(up)) },
    ],
  })
}
