/** How many of the unit that pg_settings counts in one of a written unit is: `8kB` counts pages. */
const MEMORY: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
}
const TIME: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

const TRUE = ['on', 'true', 'yes', '1']
const FALSE = ['off', 'false', 'no', '0']

interface Kind {
  readonly vartype: string
  /** `8kB`, `ms`; null for what is only a number. */
  readonly unit: string | null
}

/** True if both values of a setting mean the same: `64MB` and 65536 kB, `on` and `true`. Of a list, if all wanted are among the current. */
export function isSameValue(wanted: string, current: string, kind: Kind): boolean {
  if (wanted === current) return true
  switch (kind.vartype) {
    case 'bool':
      return booleanOf(wanted) !== undefined && booleanOf(wanted) === booleanOf(current)
    case 'integer':
    case 'real':
      return amountOf(wanted, kind.unit) === amountOf(current, kind.unit)
    case 'enum':
      return wanted.toLowerCase() === current.toLowerCase()
    default: {
      const [all, some] = [namesIn(current), namesIn(wanted)]
      return some.length > 0 && some.every((it) => all.includes(it))
    }
  }
}

function booleanOf(text: string): boolean | undefined {
  const word = text.toLowerCase()
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : undefined
}

/** In bytes or milliseconds; a number without a unit is of the setting's own. */
function amountOf(text: string, unit: string | null): number {
  const [, number = '', written = ''] = /^\s*(-?[\d.]+)\s*([A-Za-z]*)\s*$/.exec(text) ?? []
  const [, count = '1', base = ''] = /^(\d*)([A-Za-z]+)$/.exec(unit ?? '') ?? []
  const units = base in TIME ? TIME : MEMORY
  const factor = written === '' ? (units[base] ?? 1) * Number(count === '' ? 1 : count) : units[written]
  return number === '' ? NaN : Number(number) * (factor ?? NaN)
}

/** Of these the server takes a list of names, each quoted by itself; in one literal it would be one name with commas (`pg_dump` knows the same ones). */
const OF_NAMES = [
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]

/** The single values that are to be written for a setting, separated by commas. */
export function valuesOf(name: string, value: string): readonly string[] {
  return OF_NAMES.includes(name.toLowerCase()) ? namesIn(value) : [value]
}

function namesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((it) => it.trim().replaceAll('"', ''))
    .filter((it) => it !== '')
}
