import { driftLine } from '../../verify/drift.ts'
import type { Step } from './play.ts'
import type { Shrunk } from './shrink.ts'

/** What a difference is told as: the rows, and the statements that lead to them. */
export function describeDifference({ steps, difference }: Shrunk, seed: number): string {
  const { model, how, drift } = difference
  const sessions = new Set(steps.flatMap((it) => ('session' in it ? [it.session] : [])))
  return [
    how === 'stored'
      ? `${model} has rows that its query does not say:`
      : `${model}, ${how}, is not what its query says:`,
    ...drift.map((it) => `  ${driftLine(it)}`),
    steps.length === 0 ? 'before anything is written' : 'after:',
    ...steps.map((step) => `  ${describeStep(step, sessions.size > 1)}`),
    `seed: ${String(seed)}`,
  ].join('\n')
}

function describeStep(step: Step, isNumbered: boolean): string {
  if (step.kind === 'drain') return '-- a drain'
  const session = isNumbered ? `/* session ${String(step.session + 1)} */ ` : ''
  return step.kind === 'run' ? `${session}${step.sql};` : `${session}-- a strict read`
}
