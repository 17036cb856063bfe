import type { Client } from '../../pg/client.ts'
import { ident, join, literal, sql, type Sql } from '../../sql/sql.ts'
import { step, type Step } from '../step.ts'
import { READ_SETTINGS } from './server.sql.ts'
import { isSameValue, valuesOf } from './setting-value.ts'

interface SettingRow {
  readonly name: string
  /** Null: there is none of that name. */
  readonly context: string | null
  readonly vartype: string | null
  readonly unit: string | null
  readonly current: string | null
  readonly own: string | null
  readonly isPending: boolean
  readonly maySet: boolean
}

/** A wanted setting, and what it takes to have it. */
export type WantedSetting = {
  readonly name: string
  readonly value: string
  /** Whoever owns a database may set it there: a migration may. */
  readonly isOwners: boolean
} & (
  | { readonly state: 'as wanted' }
  /** By a step: ALTER DATABASE … SET, which sessions that begin later have. */
  | { readonly state: 'to set'; readonly own: string | null; readonly database: string }
  /** By somebody else: `remedy` says how. */
  | { readonly state: 'to be asked for'; readonly because: string; readonly remedy: readonly string[] }
)

/** Settings that the database itself may have a value of; all others are the whole server's. */
const OF_OWNER = ['user', 'backend']
const OF_DATABASE = [...OF_OWNER, 'superuser', 'superuser-backend']

export async function readSettings(
  client: Client,
  wanted: Readonly<Record<string, string>>,
): Promise<readonly WantedSetting[]> {
  const names = Object.keys(wanted)
  if (names.length === 0) return []
  const rows = await client.query<SettingRow & object>(READ_SETTINGS, [names])
  const [here] = await client.query<{ database: string }>('select current_database() as database')
  return rows.map((row) => settingOf(row, wanted[row.name] ?? '', here?.database ?? ''))
}

function settingOf(row: SettingRow, value: string, database: string): WantedSetting {
  const { name, context, own, current, isPending, maySet } = row
  const kind = { vartype: row.vartype ?? 'string', unit: row.unit }
  // The setting of an extension is known once that has been loaded.
  const isOfExtension = context === null && name.includes('.')
  const said = { name, value, isOwners: isOfExtension || OF_OWNER.includes(context ?? '') }
  const ask = (because: string, ...remedy: readonly Sql[]): WantedSetting => ({
    ...said,
    state: 'to be asked for',
    because,
    remedy: remedy.map(({ text }) => text),
  })
  if (context === null && !isOfExtension) return ask('the server has no setting of this name')

  if (isOfExtension || OF_DATABASE.includes(context ?? '')) {
    const has = own ?? current
    if (has !== null && isSameValue(value, has, kind)) return { ...said, state: 'as wanted' }
    if (maySet || isOfExtension) return { ...said, state: 'to set', own, database }
    return ask('it takes the owner of the database, or a superuser', inDatabase(database, name, value))
  }
  if (current !== null && isSameValue(value, current, kind))
    return isPending ? ask('it waits for a restart of the server') : { ...said, state: 'as wanted' }
  if (context === 'internal') return ask('it is fixed when the server is built or its data is made')
  const system = sql`alter system set ${ident(name)} = ${written(name, value)}`
  return context === 'postmaster'
    ? ask('it takes a superuser, and a restart of the server', system)
    : ask("it is the whole server's, and takes a superuser", system, sql`select pg_reload_conf()`)
}

function inDatabase(database: string, name: string, value: string): Sql {
  return sql`alter database ${ident(database)} set ${ident(name)} = ${written(name, value)}`
}

function written(name: string, value: string): Sql {
  return join(valuesOf(name, value).map(literal))
}

/** What can be set by those who own the database. */
export function settingSteps(settings: readonly WantedSetting[]): readonly Step[] {
  return settings.flatMap((it) => {
    if (it.state !== 'to set') return []
    const { name, value, own, database } = it
    const reset = sql`alter database ${ident(database)} reset ${ident(name)}`
    return [
      step({
        about: `setting ${name}`,
        describe: `set it to ${value} for this database: sessions that begin later have it`,
        statements: [inDatabase(database, name, value).text],
        inverse: [own === null ? reset.text : inDatabase(database, name, own).text],
      }),
    ]
  })
}
