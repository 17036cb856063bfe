import type { CaseResult, CaseSide } from '../load/run-case.ts'
import type { Quartiles } from './quartiles.ts'
import type { Report } from './report.ts'

/** The report for people: one line per case. */
export function renderTable({ machine, subject, against, results, skipped, ...report }: Report): string {
  const { server_version: version = '?', fsync = '?', synchronous_commit: commit = '?' } = machine.server
  return [
    `PostgreSQL ${version}, fsync ${fsync}, synchronous_commit ${commit}; ${String(machine.cores)} cores for server, writers and worker.`,
    `Kept: ${subject}. ${String(report.pairs)} pairs of ${String(report.seconds)} s.`,
    `Ratio: commits a second, divided by those of ${against} ("base") in the same pair.`,
    '',
    ...inColumns(results),
    ...skipped.map(({ peer, reason }) => `\nSkipped ${peer}: ${reason}.`),
    '',
  ].join('\n')
}

function inColumns(results: readonly CaseResult[]): readonly string[] {
  const hasReads = results.some(({ kept }) => kept.readMs !== undefined)
  const lines = [
    [...HEAD, ...(hasReads ? READS_HEAD : [])],
    ...results.map((it) => [...cells(it), ...(hasReads ? readCells(it) : [])]),
  ]
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  return lines.map((line) => line.map((cell, i) => padCell(cell, widths[i] ?? 0, i)).join('  '))
}

const HEAD = ['keys', 'clients', 'kept by', 'base/s', 'kept/s', 'ratio', 'quartiles', 'behind', 'wrong']
const READS_HEAD = ['base read, p95', 'read, p95']
/** Columns of words stand left, numbers right. */
const WORDS = [0, 2]

function cells({ scenario, clients, peer, ...result }: CaseResult): readonly string[] {
  return [
    scenario,
    String(clients),
    peer,
    whole(result.against.perSecond),
    whole(result.kept.perSecond),
    result.ratio.median.toFixed(2),
    `${result.ratio.lower.toFixed(2)}–${result.ratio.upper.toFixed(2)}`,
    `${whole(result.behindMs)} ms`,
    String(result.wrong),
  ]
}

function readCells({ against, kept }: CaseResult): readonly string[] {
  return [against, kept].map(({ readMs }: CaseSide) =>
    readMs === undefined ? '' : `${readMs.median.toFixed(1)}, ${readMs.p95.toFixed(1)} ms`,
  )
}

function whole({ median }: Quartiles): string {
  return Math.round(median).toLocaleString('en-US')
}

function padCell(cell: string, width: number, column: number): string {
  return WORDS.includes(column) ? cell.padEnd(width) : cell.padStart(width)
}
