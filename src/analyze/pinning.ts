import type { Call } from '../catalog/catalog.ts'
import { withDefaults, type SettingName, type Settings } from '../define/settings.ts'

/**
 * Functions of PostgreSQL that are stable because of settings alone: not because of catalogs, of who asks, or of the time.
 * (A `timetz` depends on today's offset, so what takes or gives one is not among them.)
 */
const OF_SETTINGS = new RegExp(
  `^(${[
    'age|date|time|timestamp|timestamptz|date_add|date_subtract|date_part|date_trunc|extract',
    'make_timestamptz|timezone|overlaps|interval_pl_timestamptz|timestamptz_(mi|pl)_interval',
    '(date|timestamp|timestamptz)_(eq|ne|lt|le|gt|ge)_(date|timestamp|timestamptz)',
    'to_(char|date|number|timestamp)|money|numeric',
    'to_jsonb?|jsonb?_build_(object|array)|array_to_(json|string)|row_to_json|concat(_ws)?|format|quote_(literal|nullable)',
    'textanycat|anytextcat|ts_match_t[qt]|jsonb_path_(exists|match|query_array|query_first)_tz',
    'to_tsvector|(plain|phrase)?to_tsquery|websearch_to_tsquery|jsonb?_to_tsvector|ts_headline',
  ].join('|')})$`,
)

/** These read or print values as text. */
const PRINTS = /json|^concat|^format$|^quote_|textcat|text$|array_to_string|anycat/

/** True if a call gives one answer once all settings are said: its answer can be computed by a function that says them. */
export function isPinnable(call: Call): boolean {
  const isOfSettings = call.kind === 'cast' || (call.kind === 'function' && OF_SETTINGS.test(call.name))
  return (
    isOfSettings &&
    call.builtin &&
    !call.returnsSet &&
    ![...takenTypes(call), call.resultType].some(isUnfit) &&
    call.resultType !== 'record' &&
    // What a name stands for is in the catalogs.
    !call.settingTypes.some((it) => it.startsWith('reg')) &&
    !(call.name === 'age' && call.argumentTypes.length === 1)
  )
}

/** What a function takes in the place of the call: a constant without a type is text to whatever takes any. */
export function takenTypes({ argumentTypes }: Call): readonly string[] {
  return argumentTypes.map((it) => (it === 'unknown' ? 'text' : it))
}

/** `character` as the name of a type is of one character; the offset of a `timetz` may be that of today. */
function isUnfit(type: string): boolean {
  return /^(character|bit|unknown|any.*)$/.test(type) || type.startsWith('time with time zone')
}

/** The settings that may change what a call gives. */
export function settingsOf(call: Call): readonly SettingName[] {
  const types = new Set([...call.settingTypes, ...(isZoned(call.resultType) ? ['timestamptz'] : [])])
  const has = (...names: readonly string[]) => types.has('record') || names.some((it) => types.has(it))
  const prints = call.kind === 'cast' || PRINTS.test(call.name)
  const formats = /^to_(char|number|date|timestamp)$/.test(call.name)
  const isMoney = types.has('money') || call.resultType === 'money'
  const chosen: readonly (SettingName | false)[] = [
    (has('timestamptz') || call.name.endsWith('_tz')) && 'TimeZone',
    /ts(vector|query)$|^ts_(headline|match_t[qt])$/.test(call.name) && 'default_text_search_config',
    (isMoney || (formats && !/date|timestamp/.test(call.name))) && 'lc_monetary',
    prints && has('timestamptz', 'timestamp', 'date') && 'DateStyle',
    (readsTimes(call) || call.name === 'to_timestamp') && 'timezone_abbreviations',
    prints && has('interval') && 'IntervalStyle',
    prints && has('float4', 'float8') && 'extra_float_digits',
    prints && has('bytea') && 'bytea_output',
    formats && 'lc_numeric',
    formats && 'lc_time',
  ]
  return chosen.filter((it) => it !== false)
}

/** A cast of text to a time, a day, or something that has such in it. */
export function readsTimes({ kind, argumentTypes, settingTypes }: Call): boolean {
  const isText = /^(text|character varying|name)$/.test(argumentTypes[0] ?? '')
  return (
    kind === 'cast' && isText && settingTypes.some((it) => /^(timestamp|timestamptz|date|time)$/.test(it))
  )
}

function isZoned(type: string): boolean {
  return type.startsWith('timestamp with time zone')
}

/** The settings of a call that are neither declared nor have a value that suits everybody. */
export function missingSettings(call: Call, settings: Settings): readonly SettingName[] {
  return settingsOf(call).filter((it) => valueOf(it, settings, call) === undefined)
}

/** The settings of a call with their values. */
export function pinnedValues(call: Call, settings: Settings): Settings {
  return Object.fromEntries(
    settingsOf(call).flatMap((it) => {
      const value = valueOf(it, settings, call)
      return value === undefined ? [] : [[it, value]]
    }),
  )
}

/** Whose currency it is matters to amounts of money; in a format of numbers it is `L` alone. */
function valueOf(name: SettingName, settings: Settings, call: Call): string | undefined {
  const isMoney = call.settingTypes.includes('money') || call.resultType === 'money'
  return withDefaults(settings)[name] ?? (name === 'lc_monetary' && !isMoney ? 'C' : undefined)
}
