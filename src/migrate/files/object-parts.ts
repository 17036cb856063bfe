import { literal, sql } from '../../sql/sql.ts'
import type { MigrationPart } from '../formats/migration.ts'
import type { ObjectChange } from '../objects/changes.ts'
import { objectSteps } from '../objects/steps.ts'
import { forgetWaiting, letWait } from '../objects/waiting.ts'
import type { Step } from '../step.ts'
import { partOf } from './part-of.ts'

export interface ObjectParts {
  /** Before read models are removed or made. */
  readonly before: readonly MigrationPart[]
  /** When these are gone, or being made. */
  readonly after: readonly MigrationPart[]
  readonly left: readonly string[]
}

/**
 * What a migration does with the user's objects. Those that read read models are left to `millrace migrate up`, since these have no
 * names yet; so nobody knows, when they are taken away, whether they had been made.
 */
export function objectParts(changes: readonly ObjectChange[]): ObjectParts {
  const { before, after } = objectSteps(changes)
  const waiting = changes.flatMap((it) => (it.kind !== 'remove' && it.object.afterModels ? [it.object] : []))
  const reading = new Set(
    changes.flatMap((it) => ('installed' in it && it.installed.afterModels ? [it.installed.name] : [])),
  )
  const isLeft = ({ about }: Step) => waiting.some(({ name }) => about === aboutOf(name))
  const left = after.filter(isLeft)
  const parts = (steps: readonly Step[]) =>
    steps.map((it) => {
      const name = [...reading].find((one) => it.about === aboutOf(one))
      return name === undefined ? partOf(it) : ifMade(it, name)
    })
  return {
    before: parts(before),
    after: [
      ...parts(after.filter((it) => !isLeft(it))),
      ...waiting.map((it) => ({
        comment: [`${aboutOf(it.name)}: left to millrace migrate up, for it reads read models`],
        statements: [letWait(it)],
      })),
    ],
    left: left.map(({ about, describe }) => `${about}: ${describe}`),
  }
}

function aboutOf(name: string): string {
  return `object ${name}`
}

function ifMade(step: Step, name: string): MigrationPart {
  const body = [
    '',
    'begin',
    `  if exists (select from millrace.object where name = ${literal(name).text}) then`,
    ...step.statements.map((it) => `    execute ${literal(it).text};`),
    '  end if;',
    `  ${forgetWaiting(name)};`,
    'end',
  ].join('\n')
  const block = body.includes('$object$') ? sql`do ${literal(body)}`.text : `do $object$${body}\n$object$`
  return { ...partOf(step), statements: [block] }
}
