import { bare } from '../peers/bare.ts'
import type { Peer } from '../peers/peer.ts'
import { quartiles, type Quartiles } from '../report/quartiles.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { runPeer, type PeerRun, type RunOptions } from './run-peer.ts'

export interface Case {
  readonly scenario: Scenario
  readonly clients: number
  readonly peer: Peer
}

export interface CaseResult {
  readonly scenario: string
  readonly clients: number
  readonly peer: string
  /** Commits a second, and the peer's divided by the bare ones of the same pair. */
  readonly bare: Quartiles
  readonly kept: Quartiles
  readonly ratio: Quartiles
  readonly behindMs: Quartiles
  /** Counters that were wrong at the end, in the worst run. */
  readonly wrong: number
  readonly pairs: readonly Pair[]
}

interface Pair {
  readonly bare: number
  readonly kept: PeerRun
}

export interface CaseOptions extends Pick<RunOptions, 'url' | 'seconds'> {
  readonly pairs: number
  readonly onPair: (number: number, pair: Pair) => void
}

/** Measures bare, peer, bare, peer …: what slows the machine down for a while slows both halves of a pair. */
export async function runCase(
  { scenario, clients, peer }: Case,
  { pairs: count, onPair, ...options }: CaseOptions,
): Promise<CaseResult> {
  const pairs: Pair[] = []
  for (let number = 1; number <= count; number += 1) {
    const without = await runPeer(bare, scenario, { ...options, clients })
    const kept = await runPeer(peer, scenario, { ...options, clients })
    const pair = { bare: without.perSecond, kept }
    onPair(number, pair)
    pairs.push(pair)
  }
  return {
    scenario: scenario.name,
    clients,
    peer: peer.name,
    bare: quartiles(pairs.map((it) => it.bare)),
    kept: quartiles(pairs.map((it) => it.kept.perSecond)),
    ratio: quartiles(pairs.map((it) => it.kept.perSecond / it.bare)),
    behindMs: quartiles(pairs.map((it) => it.kept.behindMs)),
    wrong: Math.max(...pairs.map((it) => it.kept.wrong)),
    pairs,
  }
}
