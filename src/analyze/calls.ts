import type { Call, CanonicalQuery } from '../catalog/catalog.ts'
import { withDefaults, type Settings } from '../define/settings.ts'
import type { SelectStmt } from '../sql/parse.ts'
import type { Refusal } from './analysis.ts'
import { functionName } from './ast/nodes.ts'
import { walk } from './ast/walk.ts'
import type { DecayKind } from '../sql/decay.ts'
import { looksLikeDecay, readsClockElsewhere } from './clocks.ts'
import { isPinnable, missingSettings, settingsOf } from './pinning.ts'
import { isSameName } from '../sql/names.ts'

type Finding = Omit<Refusal, 'position'> & { readonly call: Call }

/**
 * Functions, operators and casts whose answer is not settled by their arguments alone. Clocks come first: the arithmetic
 * around one goes away with it.
 */
export function findUnstableCalls(query: CanonicalQuery, select: SelectStmt): readonly Finding[] {
  const isKept = !readsClockElsewhere(select)
  const decay = looksLikeDecay(select)
  const settings = query.pinned?.settings
  const found = query.calls.flatMap((call) =>
    isKept && standsStill(call)
      ? []
      : isReader(call)
        ? judgeReader(query, select, call)
        : (judge(call, settings) ?? []),
  )
  const isClock = ({ code }: Finding) => code === 'TIME_DEPENDENT'
  const clocks = found.filter(isClock)
  const hinted = decay === undefined ? clocks : clocks.map((it) => ({ ...it, hint: DECAY_HINTS[decay] }))
  return [...hinted, ...found.filter((it) => !isClock(it))]
}

/** True if every call of that name in the query is immutable. */
export function isImmutable(query: CanonicalQuery, name: string): boolean {
  return query.calls.filter((it) => it.name === name).every((it) => it.volatility === 'i')
}

/** A formula that decays has an order that time does not change: declared, it can be kept. */
const DECAY_HINTS: Readonly<Record<DecayKind, string>> = {
  exponential: `If it is a score that decays, declare it: \${exponentialDecay({ score: sql\`…\`, at: sql\`…\`, halfLife: '7 days' })} as heat, in the sql\`…\` of the query. Otherwise keep the time and compute with it in the query that reads the rows.`,
  linear: `If it is a score that decays, declare it: \${linearDecay({ score: sql\`…\`, at: sql\`…\`, perDay: 2 })} as heat, in the sql\`…\` of the query. Otherwise keep the time and compute with it in the query that reads the rows.`,
}

const CLOCKS = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'clock_timestamp',
  'timeofday',
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
])

/** Stable only because they print values of any type: settled where the types in them are. */
const PRINTERS = new Set([
  'to_json',
  'to_jsonb',
  'row_to_json',
  'array_to_json',
  'json_build_object',
  'json_build_array',
  'jsonb_build_object',
  'jsonb_build_array',
  'json_agg',
  'jsonb_agg',
  'json_agg_strict',
  'jsonb_agg_strict',
  'json_object_agg',
  'jsonb_object_agg',
  'concat',
  'concat_ws',
  'format',
  'array_to_string',
  'similar_to_escape',
  'textanycat',
  'anytextcat',
])

/** The json functions print dates in ISO format under every DateStyle. */
const ISO_TYPES = new Set(['timestamp', 'date', 'time'])

/** The clocks that stand still in a transaction. */
function standsStill({ name, kind }: Call): boolean {
  return kind === 'value-function'
    ? ['current_date', 'current_timestamp', 'localtimestamp'].includes(name)
    : ['now', 'transaction_timestamp'].includes(name)
}

/** True if a call is settled but for settings, or who asks. */
export function isSessionDependent(call: Call): boolean {
  return judge(call)?.code === 'SESSION_DEPENDENT'
}

/** A stable function, which may read tables: declared, they are followed. */
function judgeReader(query: CanonicalQuery, select: SelectStmt, call: Call): readonly Finding[] {
  const { body, signature } = call
  const code = 'FUNCTION_MAY_READ_TABLES'
  const found = `found ${signature}`
  if (query.dependencies.length === 0 || body === null || !isCalledByName(select, call))
    return [mayRead(call)]
  const missing = body.reads.find(
    (it) => !query.dependencies.some(({ relation }) => isSameName(relation, it)),
  )
  if (missing !== undefined) {
    const name = `${missing.schema}.${missing.name}`
    const hint = `Declare it: dependsOn: [{ table: '${name}', key: … }].`
    return [{ call, code, detail: `${found}, which reads ${name}`, hint }]
  }
  if (body.kind === 'text' && !body.pinsSearchPath) {
    const hint = `Run: alter function ${signature} set search_path = public; or write its body as BEGIN ATOMIC.`
    const detail = `${found}, whose names are looked up in the search_path of whoever asks`
    return [{ call, code: 'SESSION_DEPENDENT', detail, hint }]
  }
  // Of functions within it nothing more is known than that they were declared together.
  const within = body.calls.filter((it) => !isReader(it)).flatMap((it) => judge(it) ?? [])
  return within.map((it) => ({ ...it, call, detail: `${found}: within it, ${it.detail}` }))
}

/** It may give another answer when none of its arguments has changed. */
export function isReader({ kind, builtin, volatility }: Call): boolean {
  return kind === 'function' && !builtin && volatility === 's'
}

function mayRead(call: Call): Finding {
  const hint =
    'Declare what it reads: dependsOn: [{ table, key: sql`select …` }]; or the function IMMUTABLE if it reads no table and no setting, or write its body into the query.'
  return { call, code: 'FUNCTION_MAY_READ_TABLES', detail: `found ${call.signature}`, hint }
}

/** And not as an operator or a cast, which nobody would find in the tree by its name. */
function isCalledByName(select: SelectStmt, { name }: Call): boolean {
  let found = false
  walk({ SelectStmt: select }, ({ node }) => {
    if ('FuncCall' in node && functionName(node.FuncCall) === name) found = true
  })
  return found
}

/** Of a SELECT that leads to keys, where no clock is kept and no function may read more. */
export function judgeOnItsOwn(call: Call): Finding | undefined {
  return isReader(call) ? mayRead(call) : judge(call)
}

function judge(call: Call, settings?: Settings): Finding | undefined {
  if (CLOCKS.has(call.name) || (call.name === 'age' && call.argumentTypes.length === 1)) {
    const hint = `Compare a column with the time, as in: made > now() - interval '7 days'; or do so in the query that reads the rows.`
    return { call, code: 'TIME_DEPENDENT', detail: `found ${call.signature}`, hint }
  }
  if (call.volatility === 'v') {
    const hint = 'Store the value in a column of the source, or leave it out.'
    return { call, code: 'VOLATILE_FUNCTION', detail: `found ${call.signature}`, hint }
  }
  if (isFloatSum(call)) {
    const hint = 'Cast the argument to numeric.'
    return { call, code: 'FLOAT_AGGREGATE', detail: `found ${call.signature}`, hint }
  }
  if (call.volatility === 's' && !call.builtin) return mayRead(call)
  return call.volatility === 's' && !isSettledPrinter(call) ? sessionDependent(call, settings) : undefined
}

function isSettledPrinter(call: Call): boolean {
  if (!PRINTERS.has(call.name)) return false
  const unsettled = call.name.includes('json')
    ? call.settingTypes.filter((it) => !ISO_TYPES.has(it))
    : call.settingTypes
  return unsettled.length === 0
}

function sessionDependent(call: Call, settings: Settings | undefined): Finding {
  const hint = [immutableForm(call), ...pinnedForm(call, settings)].join(' ')
  return { call, code: 'SESSION_DEPENDENT', detail: `found ${call.signature}`, hint }
}

function immutableForm(call: Call): string {
  const zoned = call.settingTypes.some((it) => it === 'timestamptz' || it === 'timetz')
  if (call.name === 'in_range')
    return `Order the window by a time of a named zone, in which a day has a length: order by (x at time zone 'UTC').`
  return zoned
    ? `Name the zone: (x at time zone 'UTC') is a timestamp that is the same for everyone.`
    : 'Cast to a type whose text does not depend on a setting (numeric for floats), or format it when reading.'
}

/** Settings are a way out where nothing but settings matters, and the call can be told from others. */
function pinnedForm(call: Call, settings: Settings | undefined): readonly string[] {
  if (!isPinnable(call)) return []
  const wanted = missingSettings(call, settings ?? {})
  const [first = settingsOf(call)[0]] = wanted
  if (settings !== undefined && wanted.length === 0)
    return [
      'Under the declared settings it can be computed where it is written out: x::timestamptz, not a cast that is implied.',
    ]
  return first === undefined
    ? []
    : [`Or say under which settings it is computed: settings: { ${first}: '${EXAMPLES[first] ?? ''}' }.`]
}

const EXAMPLES = withDefaults({
  TimeZone: 'Europe/Berlin',
  default_text_search_config: 'pg_catalog.english',
  lc_monetary: 'en_US.UTF-8',
})

const FLOAT_SENSITIVE =
  /^(sum|avg|stddev|stddev_pop|stddev_samp|variance|var_pop|var_samp|corr|covar_pop|covar_samp|regr_.*)$/

function isFloatSum(call: Call): boolean {
  const isFloat = call.argumentTypes.some((it) => it === 'real' || it === 'double precision')
  const adds = call.kind === 'aggregate' || call.kind === 'window'
  return adds && isFloat && FLOAT_SENSITIVE.test(call.name)
}
