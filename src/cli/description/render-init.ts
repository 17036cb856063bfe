import { displayName } from '../../sql/names.ts'
import type { Draft, LeftAlone } from '../../take-over/draft.ts'
import type { Project } from '../../take-over/project.ts'
import type { Planned } from '../commands/plan.ts'
import type { Style } from '../style.ts'
import { section } from './layout.ts'

/** What `millrace init` found and wrote. */
export interface Initialised {
  readonly takeOver: readonly Draft[]
  readonly beside: readonly Draft[]
  /** Of a table, where there was nothing to take over. */
  readonly first: Draft | null
  readonly left: readonly LeftAlone[]
  readonly migrations: Project['migrations']
  /** `kept`: there was one, and it is as it was. `left out`: nothing is written. */
  readonly files: readonly { readonly path: string; readonly text: string; readonly outcome: string }[]
  readonly plan: Planned | null
}

export function renderInit(
  { takeOver, beside, first, left, files, plan, migrations }: Initialised,
  style: Style,
): string {
  const parts = [
    ...(takeOver.length === 0
      ? []
      : [
          section(
            'take over',
            style,
            takeOver.flatMap((it) => draftLines(it, style)),
          ),
        ]),
    ...(beside.length === 0
      ? []
      : [
          section(
            'beside columns that triggers count',
            style,
            beside.flatMap((it) => draftLines(it, style)),
          ),
        ]),
    ...(first === null ? [] : [section('a first read model', style, draftLines(first, style))]),
    ...(left.length === 0
      ? []
      : [
          section(
            'left as it is',
            style,
            left.flatMap((it) => leftLines(it, style)),
          ),
        ]),
    section(
      'files',
      style,
      files.map(({ path, outcome }) => `${outcome.padEnd(8)}  ${path}`),
    ),
    ...(plan === null ? [] : planLines(plan, migrations, style)),
  ]
  return parts.join('\n').trimEnd()
}

/** One line for each step: `millrace plan` tells all of it. */
function planLines({ steps }: Planned, { format }: Project['migrations'], style: Style): readonly string[] {
  if (steps.length === 0) return []
  const lines = steps.map(
    ({ about, describe }, i) => `${String(i + 1).padStart(2)}. ${style.strong(about)}  ${describe}`,
  )
  return [
    section('what millrace migrate up will do', style, lines),
    `${style.strong('millrace plan')} shows each step with its statements and locks.`,
    format === 'sql'
      ? `Run ${style.strong('millrace migrate up')} to make these changes.`
      : `Run ${style.strong('millrace generate take_over')}, the migration that it writes with ${format}, then ${style.strong('millrace migrate up')}.`,
  ]
}

function draftLines(
  { relation, replaces, key, freshness, notes, comparison }: Draft,
  style: Style,
): readonly string[] {
  const when = typeof freshness === 'string' ? freshness : `every ${freshness.every}`
  const what = replaces === null ? '' : `${replaces.kind}, `
  const triggers = (replaces?.triggers ?? []).map(
    ({ table, name }) => `silences ${name} on ${displayName(table)}`,
  )
  const jobs = (replaces?.jobs ?? []).map((name) => `silences pg_cron's job ${name}`)
  const compared = comparison === null ? [] : [comparedLine(comparison)]
  return [
    `${style.strong(displayName(relation))}  ${what}key ${key.join(', ')}, ${when}`,
    ...[...triggers, ...jobs, ...compared, ...notes].flatMap((it) => it.split('\n')).map((it) => `  ${it}`),
  ]
}

function comparedLine({ rows, differing, unknownRows }: NonNullable<Draft['comparison']>): string {
  if (differing.length === 0 && unknownRows === 0)
    return `its query gives all of the ${String(rows)} stored rows`
  const told = differing.map((it) => `${it.column} in ${String(it.rows)}`)
  return `of ${String(rows)} stored rows its query gives others: ${told.join(', ')}`
}

function leftLines({ relation, what, reasons }: LeftAlone, style: Style): readonly string[] {
  return [
    `${style.strong(displayName(relation))}  ${what}`,
    ...reasons.flatMap(({ code, detail, hint }) => [
      ...detail.split('\n').map((it) => `  ${it}`),
      ...(code === null ? [] : [`  ${style.faint(`(${code})`)}`]),
      ...(hint === undefined ? [] : hint.split('\n').map((it, i) => `  ${i === 0 ? 'hint: ' : ''}${it}`)),
    ]),
  ]
}
