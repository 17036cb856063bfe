import { analyze } from '../analyze/analyze.ts'
import type { Refusal } from '../analyze/analysis.ts'
import { refuseRefreshed } from '../analyze/refreshable.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import { compile } from '../compile/compile.ts'
import { MillraceError } from '../errors.ts'
import { understand } from '../migrate/compile-model.ts'
import type { Client } from '../pg/client.ts'
import { loadParser } from '../sql/parse.ts'
import type { CostOptions } from './change-cost.ts'
import { describe, type Description } from './description.ts'
import { chooseKeys, type Candidate } from './choose-keys.ts'
import { judgeImmediate } from './judge-immediate.ts'
import { planned } from './planned.ts'
import { readFacts } from './read-facts.ts'

/** What becomes of a query. `refreshed`: only as a whole, on a schedule; `refusals` say why its changes cannot be followed. */
export interface Tried {
  readonly verdict: 'kept' | 'refreshed' | 'refused'
  /** The best key, or the one that was given; null where none is known. */
  readonly key: Candidate | null
  readonly otherKeys: readonly Candidate[]
  readonly refusals: readonly Refusal[]
  /** Null unless it is kept. */
  readonly description: Description | null
}

export interface TryOptions extends CostOptions {
  /** Found where it is not given. */
  readonly key?: readonly string[] | undefined
  readonly searchPath?: readonly string[] | undefined
}

/** The model that is never made; names of what would be made for it. */
const MODEL = { schema: 'public', name: 'your_model' }

/** Finds out how a query could be kept, and at what cost. Nothing is installed and nothing is left behind. */
export async function tryQuery(
  client: Client,
  text: string,
  { key: given, searchPath, ...options }: TryOptions = {},
): Promise<Tried> {
  await loadParser()
  const { query, models } = await understand(client, { query: text }, { searchPath })
  const { candidates, missing } = chooseKeys(query, given)
  const [key = null, ...otherKeys] = candidates
  if (key === null) {
    return { verdict: 'refused', key, otherKeys, refusals: withoutKey(query, missing), description: null }
  }

  const outcome = analyze(query, key.columns)
  if (outcome.kind === 'refused') {
    const asWhole = refuseRefreshed(query, key.columns)
    // Who may not read a table may still make a view of it; the planner says so.
    if (asWhole.length === 0) await planned(client, query.text, [])
    const verdict = asWhole.length === 0 ? 'refreshed' : 'refused'
    return { verdict, key, otherKeys, refusals: withOthers(outcome.refusals, asWhole), description: null }
  }
  const plan = compile({
    model: MODEL,
    version: 1,
    key: key.columns,
    indexes: [],
    query,
    analysis: outcome.analysis,
    models,
  })
  const facts = await readFacts(client, plan, judgeImmediate(query, key.columns), options)
  return { verdict: 'kept', key, otherKeys, refusals: [], description: describe(plan, facts) }
}

/** Each code once: the same may stand in the way of both. */
function withOthers(first: readonly Refusal[], others: readonly Refusal[]): readonly Refusal[] {
  return [...first, ...others.filter(({ code }) => !first.some((it) => it.code === code))]
}

/** What stands in the way besides the key comes first: a key would not help there. */
function withoutKey(query: CanonicalQuery, missing: readonly string[]): readonly Refusal[] {
  const outcome = analyze(query, [])
  const others =
    outcome.kind === 'refused' ? outcome.refusals.filter(({ code }) => !code.startsWith('KEY_')) : []
  return [
    ...others,
    {
      code: 'NO_KEY_FOUND',
      detail: 'neither an index, nor GROUP BY or DISTINCT says that some of its columns are unique',
      hint: missing.join(' '),
      position: undefined,
    },
  ]
}

/** The refusals as errors that know the text they are about. */
export function refusalErrors(
  refusals: readonly Refusal[],
  source: string,
  file?: string,
): readonly MillraceError[] {
  return refusals.map(({ code, ...parts }) => new MillraceError(code, { ...parts, source, file }))
}
