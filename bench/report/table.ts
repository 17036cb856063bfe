import type { CaseResult } from '../load/run-case.ts'
import type { Quartiles } from './quartiles.ts'
import type { Report } from './report.ts'

/** The report for people: one line per case. */
export function renderTable({ machine, pairs, seconds, results, skipped }: Report): string {
  const { server_version: version = '?', fsync = '?', synchronous_commit: commit = '?' } = machine.server
  const lines = [HEAD, ...results.map(cells)]
  const widths = HEAD.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  const padded = lines.map((line) => line.map((cell, i) => padCell(cell, widths[i] ?? 0, i)).join('  '))
  return [
    `PostgreSQL ${version}, fsync ${fsync}, synchronous_commit ${commit}; ${String(machine.cores)} cores for server, writers and worker.`,
    `${String(pairs)} pairs of ${String(seconds)} s. Ratio: commits a second, divided by those of bare inserts in the same pair.`,
    '',
    ...padded,
    ...skipped.map(({ peer, reason }) => `\nSkipped ${peer}: ${reason}.`),
    '',
  ].join('\n')
}

const HEAD = ['keys', 'clients', 'kept by', 'bare/s', 'kept/s', 'ratio', 'quartiles', 'behind', 'wrong']
/** Columns of words stand left, numbers right. */
const WORDS = [0, 2]

function cells({ scenario, clients, peer, ...result }: CaseResult): readonly string[] {
  return [
    scenario,
    String(clients),
    peer,
    whole(result.bare),
    whole(result.kept),
    result.ratio.median.toFixed(2),
    `${result.ratio.lower.toFixed(2)}–${result.ratio.upper.toFixed(2)}`,
    `${whole(result.behindMs)} ms`,
    String(result.wrong),
  ]
}

function whole({ median }: Quartiles): string {
  return Math.round(median).toLocaleString('en-US')
}

function padCell(cell: string, width: number, column: number): string {
  return WORDS.includes(column) ? cell.padEnd(width) : cell.padStart(width)
}
