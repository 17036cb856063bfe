import type { Peer } from '../peers/peer.ts'
import { latency, quartiles, type Latency, type Quartiles } from '../report/quartiles.ts'
import { runPeer, type PeerRun, type RunOptions, type Task } from './run-peer.ts'

export interface Case extends Task {
  readonly peer: Peer
  /** What the peer is held against. */
  readonly against: Peer
}

export interface CaseResult {
  readonly scenario: string
  readonly clients: number
  readonly peer: string
  readonly against: CaseSide
  readonly kept: CaseSide
  /** Commits a second: the peer's, divided by those of what it is held against in the same pair. */
  readonly ratio: Quartiles
  readonly behindMs: Quartiles
  /** Rows that were wrong at the end, in the worst run. */
  readonly wrong: number
  readonly pairs: readonly Pair[]
}

export interface CaseSide {
  readonly perSecond: Quartiles
  /** Of all exact reads of all runs; none where there were no readers. */
  readonly readMs: Latency | undefined
}

export interface Pair {
  readonly against: PeerRun
  readonly kept: PeerRun
}

export interface CaseOptions extends RunOptions {
  readonly pairs: number
  readonly onPair: (number: number, pair: Pair) => void
}

/** Measures in pairs, for what slows the machine down for a while slows both halves of a pair. */
export async function runCase(
  { peer, against, ...task }: Case,
  { pairs: count, onPair, ...options }: CaseOptions,
): Promise<CaseResult> {
  const pairs: Pair[] = []
  for (let number = 1; number <= count; number += 1) {
    const pair = await runPair(number % 2 === 1, {
      against: () => runPeer(against, task, options),
      kept: () => runPeer(peer, task, options),
    })
    onPair(number, pair)
    pairs.push(pair)
  }
  const kept = pairs.map((it) => it.kept)
  return {
    scenario: task.scenario.name,
    clients: task.clients,
    peer: peer.name,
    against: sideOf(pairs.map((it) => it.against)),
    kept: sideOf(kept),
    ratio: quartiles(pairs.map((it) => it.kept.perSecond / it.against.perSecond)),
    behindMs: quartiles(kept.map((it) => it.behindMs)),
    wrong: Math.max(...pairs.flatMap((it) => [it.against.wrong, it.kept.wrong])),
    pairs,
  }
}

/** Each comes first in every second pair: the second half may find caches warm, or pages to be written. */
async function runPair(
  isKeptLast: boolean,
  { against, kept }: Readonly<Record<keyof Pair, () => Promise<PeerRun>>>,
): Promise<Pair> {
  if (isKeptLast) return { against: await against(), kept: await kept() }
  const first = await kept()
  return { against: await against(), kept: first }
}

function sideOf(runs: readonly PeerRun[]): CaseSide {
  const reads = runs.flatMap(({ readMs }) => readMs)
  return {
    perSecond: quartiles(runs.map(({ perSecond }) => perSecond)),
    readMs: reads.length === 0 ? undefined : latency(reads),
  }
}
