import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelDefinition } from '../../src/migrate/compile-model.ts'

/** A folder of this directory: a query shape that is kept, or one that is refused. */
export type GoldenCase = Shape | RefusedQuery

export interface Shape extends Case {
  readonly kind: 'shape'
  /** Statements of the application, each its own transaction. */
  readonly changes: readonly string[]
}

export interface RefusedQuery extends Case {
  readonly kind: 'refused'
  readonly code: string
}

interface Case {
  /** Read models that it reads, which are installed before. */
  readonly lower: readonly ModelDefinition[]
  readonly name: string
  readonly folder: string
  readonly schema: string
  readonly definition: ModelDefinition
  /** The first version of PostgreSQL that understands the schema. */
  readonly since: number
}

/** What `model.json` may hold. */
interface ModelFile {
  /** Read models that its query names, with their queries. */
  readonly lower?: readonly (ModelFile & { readonly query: string })[]
  readonly name: string
  readonly key: readonly string[]
  readonly indexes?: ModelDefinition['indexes']
  readonly freshness?: ModelDefinition['freshness']
  readonly onError?: ModelDefinition['onError']
  readonly leaderboard?: ModelDefinition['leaderboard']
  readonly order?: ModelDefinition['order']
  readonly settings?: ModelDefinition['settings']
  readonly readableBy?: ModelDefinition['readableBy']
  readonly dependsOn?: ModelDefinition['dependsOn']
  readonly since?: number
}

const REFUSES = 'refuses-'

/** Files that a person writes, and files that UPDATE_GOLDEN=1 writes. */
export const FILES = {
  shape: {
    written: ['schema.sql', 'query.sql', 'model.json', 'changes.sql'],
    generated: ['analysis.txt', 'up.sql', 'drain.sql', 'down.sql'],
  },
  refused: { written: ['schema.sql', 'query.sql', 'model.json'], generated: ['error.txt'] },
} as const

export function caseFolders(): readonly string[] {
  return readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((it) => it.isDirectory())
    .map((it) => it.name)
    .sort()
}

export function kindOf(folder: string): GoldenCase['kind'] {
  return folder.startsWith(REFUSES) ? 'refused' : 'shape'
}

/** `refuses-key-unknown` is about KEY_UNKNOWN. */
export function codeOf(folder: string): string {
  return folder.slice(REFUSES.length).replaceAll('-', '_').toUpperCase()
}

/** Folders that lack a file are left to the test that names it. */
export function readCases(): readonly GoldenCase[] {
  return caseFolders().flatMap((name) => {
    const files = FILES[kindOf(name)].written.map((file) => join(import.meta.dirname, name, file))
    return files.every((file) => existsSync(file)) ? [readCase(name)] : []
  })
}

function readCase(name: string): GoldenCase {
  const folder = join(import.meta.dirname, name)
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  const { since = 15, lower = [], ...model } = JSON.parse(read('model.json')) as ModelFile
  const definition: ModelDefinition = {
    indexes: [],
    ...model,
    schema: 'public',
    query: read('query.sql'),
    file: join(folder, 'query.sql'),
  }
  const shared = {
    name,
    folder,
    schema: read('schema.sql'),
    definition,
    lower: lower.map((it) => ({ indexes: [], ...it, schema: 'public' })),
    since,
  }
  return kindOf(name) === 'refused'
    ? { kind: 'refused', ...shared, code: codeOf(name) }
    : { kind: 'shape', ...shared, changes: statementsOf(read('changes.sql')) }
}

/** Each statement ends with a semicolon at the end of a line. */
function statementsOf(text: string): readonly string[] {
  return text
    .split(/;[ \t]*$/m)
    .map((it) => it.trim())
    .filter((it) => it !== '')
}
