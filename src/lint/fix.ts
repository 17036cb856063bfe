import { lintTexts, type LintedText } from './lint.ts'
import type { Edit, LintContext } from './rule.ts'

export interface Fixed {
  readonly texts: readonly LintedText[]
  /** How many findings were rewritten. */
  readonly fixed: number
}

/** A rewrite may bring another one to light; none brings itself back. */
const ROUNDS = 10

/** Applies every safe rewrite, until none is left. What is not rewritten stays as it was written, comments and layout too. */
export function fixTexts(texts: readonly LintedText[], context: Partial<LintContext> = {}): Fixed {
  let current = texts
  let fixed = 0
  for (let round = 0; round < ROUNDS; round++) {
    const findings = lintTexts(current, context)
    const rewrites = current.map(({ file, script }) =>
      withoutOverlap(
        script !== undefined
          ? []
          : findings.flatMap((it) => (it.file === file && it.canFix ? [it.fix ?? []] : [])),
      ),
    )
    const count = rewrites.flat().length
    if (count === 0) break
    fixed += count
    current = current.map((it, i) => ({ ...it, text: rewritten(it.text, rewrites[i]?.flat() ?? []) }))
  }
  return { texts: current, fixed }
}

function rewritten(text: string, edits: readonly Edit[]): string {
  return [...edits].sort((a, b) => b.start - a.start).reduce(edited, text)
}

/** Of two that meet the second waits for the next round. */
function withoutOverlap(fixes: readonly (readonly Edit[])[]): readonly (readonly Edit[])[] {
  const taken: Edit[] = []
  return fixes.filter((edits) => {
    const isFree = edits.every((edit) => taken.every((it) => edit.end <= it.start || edit.start >= it.end))
    if (isFree) taken.push(...edits)
    return isFree
  })
}

function edited(text: string, { start, end, text: replacement }: Edit): string {
  return text.slice(0, start) + replacement + text.slice(end)
}
