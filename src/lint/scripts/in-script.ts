import { placeIn, type Finding } from '../finding.ts'
import type { LintedText } from '../lint.ts'

/** Findings in the SQL of scripts, told of where it stands in the script. Nothing is rewritten there. */
export function inScripts(findings: readonly Finding[], texts: readonly LintedText[]): readonly Finding[] {
  return findings.map((it) => {
    const of = texts.find(({ file, script }) => file === it.file && script !== undefined)
    if (of?.script === undefined) return it
    const { source, offsets } = of.script
    const at = offsets[offsetOf(of.text, it)] ?? offsets.at(-1) ?? 0
    return { ...it, ...placeIn(source, at), canFix: false }
  })
}

function offsetOf(text: string, { line, column }: Pick<Finding, 'line' | 'column'>): number {
  const before = text.split('\n').slice(0, line - 1)
  return before.reduce((sum, it) => sum + it.length + 1, 0) + column - 1
}
