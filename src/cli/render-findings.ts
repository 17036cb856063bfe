import type { Finding } from '../lint/finding.ts'
import { blanksFor } from './display-width.ts'
import type { Style } from './style.ts'

export interface Findings {
  readonly files: number
  readonly fixed: number
  readonly findings: readonly Finding[]
}

/**
 * Lays findings out for a reader:
 *
 *     migrations/7.sql:3:1 error: this deletes rows by their age … (drop-money)
 *     3 | delete from payments where …
 *       | ^
 *       help: Detach a partition …
 *       docs/lint/drop-money.md
 */
export function renderFindings({ files, fixed, findings }: Findings, style: Style): string {
  const errors = findings.filter(({ level }) => level === 'error').length
  const summary = [
    ...(fixed === 0 ? [] : [`${many(fixed, 'finding')} rewritten`]),
    findings.length === 0
      ? `${style.good('nothing found')} in ${many(files, 'file')}`
      : `${many(errors, 'error')} and ${many(findings.length - errors, 'warning')} in ${many(files, 'file')}`,
  ]
  const canFix = findings.filter((it) => it.canFix).length
  if (canFix > 0) summary.push(`${many(canFix, 'finding')} can be rewritten with --fix`)
  return [...findings.map((it) => renderFinding(it, style)), summary.join('\n')].join('\n')
}

function many(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`
}

function renderFinding(
  { rule, level, file, line, column, text, message, help, url }: Finding,
  style: Style,
): string {
  const title = level === 'error' ? style.error('error:') : style.warning('warning:')
  const number = String(line)
  const gutter = ' '.repeat(number.length)
  const mark = level === 'error' ? style.error('^') : style.warning('^')
  return [
    `${file}:${number}:${String(column)} ${title} ${style.strong(message)} ${style.faint(`(${rule})`)}`,
    `${style.faint(`${number} |`)} ${text}`,
    `${style.faint(`${gutter} |`)} ${blanksFor(text.slice(0, column - 1))}${mark}`,
    ...(help === null ? [] : [`  ${style.good('help:')} ${help}`]),
    ...(url === null ? [] : [`  ${style.faint(url)}`]),
    '',
  ].join('\n')
}

/** One workflow command for each finding: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function renderForGitHub(findings: readonly Finding[]): string {
  return findings
    .map(({ rule, level, file, line, column, message, help }) => {
      const place = `file=${property(file)},line=${String(line)},col=${String(column)},title=${property(rule)}`
      return `::${level} ${place}::${data(help === null ? message : `${message}\n${help}`)}`
    })
    .join('\n')
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
