import type { KindFigures, Percentiles } from './figures.ts'
import { PAGE_KINDS, shareOf, WRITE_KINDS, type PageKind } from './mix.ts'
import { PROMISED, slowKinds, type Costs, type LoadReport } from './report.ts'

/** The report for people, as tables of Markdown. */
export function tablesOf(report: LoadReport): string {
  const { generated, answered, live, lags, eventLoopDelay: delay } = report
  return [
    headOf(report),
    table(
      ['request', 'count', 'errors', ...PERCENTILES, 'plan: before', 'after'],
      inOrder(generated.kinds).map(([kind, it]) => [kind, ...figures(it), ...promised(kind)]),
    ),
    `${count(generated.sent)} requests were sent in all, ${count(answered)} came to the web server. ` +
      `The generator was late by ${ms(generated.lateMs.p99)} at p99, ${ms(generated.lateMs.max)} at most; ` +
      `the web server's event loop by ${ms(delay.p50)} (p50), ${ms(delay.p99)} (p99), ${ms(delay.max)} (max). ` +
      `Live connections: ${count(live.connections)}, ${count(live.updates)} updates, ${count(live.lost)} lost.`,
    table(
      ['process', 'seconds of a processor', 'of one core'],
      Object.entries(report.processors).map(([name, it]) =>
        it === null ? [name, '', ''] : [name, it.seconds.toFixed(1), `${it.percent.toFixed(0)} %`],
      ),
    ),
    table(
      ['read model', 'lag p50', 'p95', 'p99', 'max'],
      Object.entries(lags).map(([name, it]) => [name, ...times(it)]),
    ),
    ...databaseTimes(report),
    ...report.contenders.map(({ name, driven }) =>
      [
        `**${name}**, for ${driven.seconds.toFixed(0)} s: ${count(driven.arrived)} requests, ${count(driven.unanswered)} of them not answered at the end.`,
        table(
          ['request', 'count', 'errors', ...PERCENTILES],
          inOrder(driven.kinds).map(([kind, it]) => [kind, ...figures(it)]),
        ),
      ].join('\n\n'),
    ),
    conclusion(report),
  ].join('\n\n')
}

const PERCENTILES = ['p50', 'p95', 'p99', 'max']

function headOf({ machine, sizes, sessions, thinkMs, warmUpSeconds, generated }: LoadReport): string {
  const perSecond = Object.values(generated.kinds).reduce((sum, it) => sum + it.count, 0) / generated.seconds
  return (
    `${count(sessions)} sessions that think ${String(thinkMs / 1_000)} s: ${perSecond.toFixed(0)} requests/s for ` +
    `${generated.seconds.toFixed(0)} s, after ${String(warmUpSeconds)} s of warm-up; ${count(sizes.users)} users, ` +
    `${count(sizes.projects)} projects, ${count(sizes.votes)} votes. ${String(machine.cores)} cores (${machine.processor}), ` +
    `Node ${machine.node}, PostgreSQL ${machine.postgres}; load of the machine before: ${machine.loadBefore.toFixed(1)}. ` +
    'Times in milliseconds.'
  )
}

/** Below it a mean is rounded to nothing. */
const LEAST_MS = 0.005

/** What one page costs the database: ours, and each contender's with how many times ours it is. */
function databaseTimes({ databaseMs, databaseMsOfAll, contenders }: LoadReport): readonly string[] {
  if (databaseMs === null)
    return ['The server has no pg_stat_statements, so what pages cost it is not known.']
  const times = (own: number, theirs: number | undefined | null) =>
    theirs === undefined || theirs === null ? '' : `${theirs.toFixed(2)}${ratio(theirs, own)}`
  return [
    table(
      ['time in the database', 'ours', ...contenders.map(({ name }) => name)],
      [
        ...PAGE_KINDS.map((kind) => [
          kind,
          databaseMs[kind].toFixed(2),
          ...contenders.map((it) => times(databaseMs[kind], it.databaseMs?.[kind])),
        ]),
        [
          'the mean page',
          meanCost(databaseMs).toFixed(2),
          ...contenders.map((it) => times(meanCost(databaseMs), it.databaseMs && meanCost(it.databaseMs))),
        ],
      ],
    ),
    ...(databaseMsOfAll === null
      ? []
      : [
          `Under load, with writes, capture and the worker: ${databaseMsOfAll.toFixed(2)} ms for each request.`,
        ]),
  ]
}

/** Nothing where ours is next to nothing: all who asked shared what one had asked for. */
function ratio(theirs: number, own: number): string {
  return own < LEAST_MS ? '' : ` (${(theirs / own).toFixed(1)} ×)`
}

/** Of the pages in the shares in which they are asked for. */
function meanCost(costs: Costs): number {
  const pages = PAGE_KINDS.reduce((sum, kind) => sum + shareOf(kind), 0)
  return PAGE_KINDS.reduce((sum, kind) => sum + shareOf(kind) * costs[kind], 0) / pages
}

function conclusion({ generated, workerFailures, workerLost }: LoadReport): string {
  const slow = slowKinds(generated.kinds)
  return [
    slow.length === 0 ? 'Every request is within 200 ms at p99.' : `Over 200 ms at p99: ${slow.join(', ')}.`,
    ...(workerLost === 0
      ? []
      : [`The worker lost its connection ${String(workerLost)} times, and made it anew.`]),
    ...[...generated.errors.slice(0, 20), ...workerFailures.slice(0, 20)].map((it) => `- ${it}`),
  ].join('\n')
}

const ORDER: readonly string[] = [...PAGE_KINDS, ...WRITE_KINDS]

/** Pages first, as the plan lists them. */
function inOrder(kinds: Readonly<Record<string, KindFigures>>): readonly (readonly [string, KindFigures])[] {
  const placeOf = (kind: string) => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length)
  return Object.entries(kinds).toSorted(([a], [b]) => placeOf(a) - placeOf(b))
}

function promised(kind: string): readonly string[] {
  const found = kind in PROMISED ? PROMISED[kind as PageKind] : null
  return found === null ? ['', ''] : [String(found.before), String(found.after)]
}

function figures(it: KindFigures): readonly string[] {
  return [count(it.count), count(it.errors), ...times(it)]
}

function times({ p50, p95, p99, max }: Percentiles): readonly string[] {
  return [p50, p95, p99, max].map((it) => it.toFixed(it < 100 ? 1 : 0))
}

function ms(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((it, i) => Math.max(it.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((it, i) => (i === 0 ? it.padEnd(widths[i] ?? 0) : it.padStart(widths[i] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
