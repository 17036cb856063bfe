import { mapTree } from '../analyze/ast/walk.ts'
import { functionName } from '../analyze/ast/nodes.ts'
import { isSessionDependent } from '../analyze/calls.ts'
import { pinCandidates } from '../analyze/pin-candidates.ts'
import { isPinnable, missingSettings, pinnedValues, takenTypes } from '../analyze/pinning.ts'
import { findUnsupported } from '../analyze/unsupported.ts'
import {
  canonicalize,
  canonicalizeAgain,
  settingsAsSet,
  type CanonicalizeOptions,
} from '../catalog/canonicalize.ts'
import type { Call, CanonicalQuery, PinnedCall } from '../catalog/catalog.ts'
import { findProbePlace } from '../catalog/probe.ts'
import { pinnedFunction } from '../compile/pinned.ts'
import type { RelationName } from '../compile/plan.ts'
import { withDefaults, type Settings } from '../define/settings.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { deparseSelect } from '../sql/deparse.ts'
import { pinnedName } from '../sql/names.ts'
import { parseSelect, type SelectStmt } from '../sql/parse.ts'
import { qualified } from '../sql/sql.ts'
import { withoutViews } from './without-views.ts'

/** More questions than this are not put to the server about one query. */
const MAX_TRIALS = 1_000

export interface PinOptions extends Pick<CanonicalizeOptions, 'searchPath' | 'models'> {
  readonly settings: Settings
  /** The stored table, after which the functions are called. */
  readonly storage: RelationName
}

/**
 * Reads a query under the settings that its declaration names, and puts calls of functions of our own in the place of all that
 * depends on them. Then every statement that contains the query is right in every session, with no setting of its own:
 * those of a drain and of writers as the strict view, which cannot carry any.
 *
 * Which of the tree's nodes are the calls is found by trying: one is replaced, and the server is asked what it calls now. If that is
 * one call fewer of these and one more of ours, with the same types, and nothing else, it was one. So what is not found stays
 * as it was, and is refused afterwards.
 */
export async function pinSettings(
  client: Client,
  userText: string,
  { settings: declared, storage, searchPath, models }: PinOptions,
): Promise<CanonicalQuery> {
  const settings = await settingsAsSet(client, withDefaults(declared), searchPath)
  const read = await canonicalize(client, userText, { searchPath, models, settings })
  if (findUnsupported(parseSelect(read.text)).length > 0) return read

  const place = await findProbePlace(client)
  if (place.kind === 'nowhere') return read
  const whole = await withoutViews(client, read, { settings, models })
  const search = new Search(client, { settings, models }, place.schema)
  let current: State = { query: whole, pins: [] }
  for (let next = await search.next(current); next !== undefined; next = await search.next(current))
    current = next
  return finished(whole.text, current, { settings, storage })
}

type Read = Pick<PinOptions, 'settings' | 'models'>

interface State {
  readonly query: CanonicalQuery
  /** Under names for the time being, in the schema where queries are tried. */
  readonly pins: readonly PinnedCall[]
}

class Search {
  readonly #client: Client
  readonly #read: Read
  readonly #schema: string
  #trials = 0

  constructor(client: Client, read: Read, schema: string) {
    this.#client = client
    this.#read = read
    this.#schema = schema
  }

  /** The query with one more expression pinned; undefined if there is none to be found. */
  async next({ query, pins }: State): Promise<State | undefined> {
    for (const call of query.calls.filter((it) => this.#isWanted(it))) {
      const known = pins.find((it) => isSameCall(it.call, call))
      const pin = known ?? this.#pinOf(call, pins.length + 1)
      const all = known === undefined ? [...pins, pin] : pins
      const found = await this.#find(query, pin, all)
      if (found !== undefined) return { query: found, pins: all }
    }
    return undefined
  }

  #isWanted(call: Call): boolean {
    return (
      isSessionDependent(call) && isPinnable(call) && missingSettings(call, this.#read.settings).length === 0
    )
  }

  #pinOf(call: Call, index: number): PinnedCall {
    const name = { schema: this.#schema, name: `millrace_pinned_${String(index)}` }
    return { name, call, values: pinnedValues(call, this.#read.settings) }
  }

  async #find(
    query: CanonicalQuery,
    pin: PinnedCall,
    pins: readonly PinnedCall[],
  ): Promise<CanonicalQuery | undefined> {
    const names = [pin.name.schema, pin.name.name]
    for (const candidate of pinCandidates(parseSelect(query.text), pin.call, names)) {
      if (this.#trials >= MAX_TRIALS) return undefined
      this.#trials += 1
      const tried = await this.#try(query, candidate, pins)
      if (tried !== undefined && isOnlyPinned(query, tried, pin)) return tried
    }
    return undefined
  }

  async #try(
    query: CanonicalQuery,
    candidate: SelectStmt,
    pins: readonly PinnedCall[],
  ): Promise<CanonicalQuery | undefined> {
    const prepare = pins.map((it) => pinnedFunction(it, qualified(it.name)))
    try {
      return await canonicalizeAgain(this.#client, query, candidate, { ...this.#read, prepare })
    } catch (error) {
      // There is no such function for these types, or a group has lost its expression: it was not this call.
      if (error instanceof MillraceError && error.code === 'QUERY_INVALID') return undefined
      throw error
    }
  }
}

/** So many calls fewer as there are more of ours, and everything else as it was. */
function isOnlyPinned(before: CanonicalQuery, after: CanonicalQuery, { name, call }: PinnedCall): boolean {
  const isOurs = (it: Call) => it.name === name.name
  const countOf = (calls: readonly Call[]) => calls.reduce((sum, { count }) => sum + count, 0)
  const ours = after.calls.filter(isOurs)
  const added = countOf(ours) - countOf(before.calls.filter(isOurs))
  const taken =
    countOf(before.calls.filter((it) => isSameCall(it, call))) -
    countOf(after.calls.filter((it) => isSameCall(it, call)))
  const others = (calls: readonly Call[]) => calls.filter((it) => !isOurs(it) && !isSameCall(it, call))
  return (
    added > 0 &&
    added === taken &&
    ours.every((it) => sameTypes(it, call)) &&
    isSameList(others(before.calls), others(after.calls)) &&
    JSON.stringify(before.columns) === JSON.stringify(after.columns)
  )
}

function sameTypes(a: Call, b: Call): boolean {
  return a.resultType === b.resultType && String(takenTypes(a)) === String(takenTypes(b))
}

function isSameCall(a: Call, b: Call): boolean {
  return JSON.stringify({ ...a, count: 0 }) === JSON.stringify({ ...b, count: 0 })
}

function isSameList(a: readonly Call[], b: readonly Call[]): boolean {
  const sorted = (calls: readonly Call[]) => JSON.stringify(calls.map((it) => JSON.stringify(it)).sort())
  return sorted(a) === sorted(b)
}

/** The functions get the names under which they will be made, in the order in which the query calls them. */
function finished(
  text: string,
  { query, pins: found }: State,
  { settings, storage }: Pick<PinOptions, 'settings' | 'storage'>,
): CanonicalQuery {
  const placeOf = ({ name }: PinnedCall) => query.text.search(new RegExp(`${name.name}\\b`))
  const pins = found.toSorted((a, b) => placeOf(a) - placeOf(b))
  const names = new Map(pins.map(({ name }, i) => [name.name, pinnedName(storage, i + 1)]))
  const select = renamed(parseSelect(query.text), names)
  return {
    ...query,
    text: deparseSelect(select).text,
    calls: query.calls.map((it) => ({ ...it, name: names.get(it.name)?.name ?? it.name })),
    pinned: {
      settings,
      text,
      calls: pins.map((it) => ({ ...it, name: names.get(it.name.name) ?? it.name })),
    },
  }
}

function renamed<T>(tree: T, names: ReadonlyMap<string, RelationName>): T {
  return mapTree(tree, ({ node }) => {
    const name = 'FuncCall' in node ? names.get(functionName(node.FuncCall)) : undefined
    if (name === undefined || !('FuncCall' in node)) return undefined
    const funcname = [name.schema, name.name].map((sval) => ({ String: { sval } }))
    return { FuncCall: { ...node.FuncCall, args: renamed(node.FuncCall.args ?? [], names), funcname } }
  })
}
