import { MillraceError } from '../errors.ts'
import { describe } from './describe.ts'
import { isRecord } from './is-record.ts'
import { suggest } from './suggest.ts'

/** Settings on which what a query computes may depend, by PostgreSQL's own names, and what they are where nothing is said. */
const SETTINGS = {
  /** How long a day is, and which day a moment belongs to. */
  TimeZone: undefined,
  /** The configuration of text search that is meant where none is named. */
  default_text_search_config: undefined,
  lc_monetary: undefined,
  DateStyle: 'ISO, MDY',
  /** What `EST` in a text is short for. */
  timezone_abbreviations: 'Default',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_numeric: 'C',
  lc_time: 'C',
} as const

export type SettingName = keyof typeof SETTINGS

/** Settings under which a query is computed, whoever asks: `{ TimeZone: 'Europe/Berlin' }`. */
export type SettingsOptions = { readonly [Name in SettingName]?: string | undefined }

export type Settings = Readonly<Partial<Record<SettingName, string>>>

/** What is wrong with declared settings, as far as can be told without a server. */
export function settingsProblems(settings: unknown): readonly MillraceError[] {
  if (settings === undefined) return []
  const names = Object.keys(SETTINGS)
  const hint = `Write settings: { TimeZone: 'Europe/Berlin' }. There is: ${names.join(', ')}.`
  if (!isRecord(settings) || Object.keys(settings).length === 0)
    return [bad(`settings is ${isRecord(settings) ? 'an empty object' : describe(settings)}`, hint)]
  return Object.entries(settings).flatMap(([name, value]) => {
    if (!names.includes(name))
      return [bad(`there is no setting "${name}" to be pinned`, suggest(name, names))]
    return typeof value === 'string' && value !== ''
      ? []
      : [bad(`the setting ${name} is ${describe(value)}`, hint)]
  })
}

/** What is not said is as PostgreSQL has it where nobody has said anything. */
export function withDefaults(settings: Settings): Settings {
  const defaults = Object.entries(SETTINGS).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(defaults), ...settings }
}

/** The settings that are said, in the order of their names. */
export function settingsOf(settings: SettingsOptions | undefined): Settings | undefined {
  if (!isRecord(settings)) return undefined
  const entries = Object.entries(settings).filter((it): it is [SettingName, string] => it[1] !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_DECLARATION', { detail, hint })
}
