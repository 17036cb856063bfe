import { join } from 'node:path'
import type { MigrationFormat } from '../../define/migration-format.ts'
import { FORMATS } from '../formats/formats.ts'
import { stampOf, type Migration } from '../formats/migration.ts'
import type { AskedSetting } from '../server/server.ts'
import { writeWhole } from '../write-whole.ts'
import { GENERATED } from './check-files.ts'
import { checksumOf } from './checksum.ts'
import { writeSnapshot, type GeneratedMigration, type Snapshot } from './snapshot.ts'
import type { State } from './state.ts'
import { transitionBetween, type Transition } from './transition.ts'

export interface Generated {
  /** As its tool calls it. */
  readonly name: string
  /** Relative to the directory, in the order in which they were written. */
  readonly files: readonly string[]
  /** What `millrace migrate up` does after it. */
  readonly left: readonly string[]
}

export interface GenerateInput {
  readonly directory: string
  readonly snapshot: Snapshot
  /** What the migration is to lead to, and the way there. */
  readonly to: State
  readonly transition: Transition
  /** What is wanted of the server and no migration can do. */
  readonly asked?: readonly AskedSetting[] | undefined
  readonly title: string
  readonly at: Date
  /** Of the program. */
  readonly version: string
}

/** Whether a migration would change nothing. */
export function isEmpty({ parts, left }: Transition): boolean {
  return parts.length === 0 && left.length === 0
}

/** Writes a migration and what undoes it, each file complete before the next, and the snapshot last. */
export async function generate(input: GenerateInput): Promise<Generated> {
  const { directory, snapshot, to, transition } = input
  const back = await transitionBetween(to, snapshot)
  const migration: Migration = {
    at: laterThanAll(input.snapshot.migrations, input.at),
    title: input.title,
    header: headerOf(input),
    up: transition.parts,
    down: back.parts,
  }
  const { name, files } = await FORMATS[snapshot.tool](migration, directory)
  for (const { path, text } of files) await writeWhole(join(directory, path), text)
  const own = files.filter(({ isShared }) => isShared !== true)
  const written = { name, files: Object.fromEntries(own.map(({ path, text }) => [path, checksumOf(text)])) }
  await writeSnapshot(directory, { ...snapshot, ...to, migrations: [...snapshot.migrations, written] })
  return { name, files: files.map(({ path }) => path), left: transition.left }
}

function headerOf({ snapshot, transition, asked = [], version }: GenerateInput): readonly string[] {
  const last = snapshot.migrations.at(-1)
  const follows = last === undefined ? 'the first one' : `follows ${last.name}`
  const { changes, onSchedule } = transition.changes
  const count = changes.length + onSchedule.length + transition.objects.length + transition.server.length
  return [
    `${GENERATED} ${version}; ${follows}. Do not edit it: \`millrace generate\` would notice.`,
    'millrace-lint-ignore-file write-to-millrace: these are its own statements',
    ...(count === 0 ? ["It brings Millrace's own schema up to date."] : []),
    ...leftLines(transition.left, snapshot.tool),
    ...askedLines(asked),
  ]
}

function leftLines(left: readonly string[], tool: MigrationFormat): readonly string[] {
  if (left.length === 0) return []
  const how =
    tool === 'sql'
      ? '`millrace migrate up` goes on with what needs transactions of its own:'
      : 'Run `millrace migrate up` after it, which goes on with what needs transactions of its own:'
  return ['', how, ...left.map((it) => `- ${it}`)]
}

function askedLines(asked: readonly AskedSetting[]): readonly string[] {
  if (asked.length === 0) return []
  return [
    '',
    'Not done by it, nor by Millrace:',
    ...asked.flatMap(({ name, value, because, remedy }) => [
      `- setting ${name} to ${value}: ${because}`,
      ...remedy.map((it) => `  ${it};`),
    ]),
  ]
}

/** Tools run migrations in the order of their names, which tell whole seconds: two of one second would be in that of their titles. */
export function laterThanAll(migrations: readonly GeneratedMigration[], at: Date): Date {
  const stamps = migrations.flatMap(({ name }) => /^\d{14}(?=_)/.exec(name)?.[0] ?? [])
  const newest = stamps.toSorted().at(-1)
  if (newest === undefined || newest < stampOf(at)) return at
  const [, ...parts] = /^(....)(..)(..)(..)(..)(..)$/.exec(newest) ?? []
  const [year = 0, month = 1, day, hour, minute, second = 0] = parts.map(Number)
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second + 1))
}
