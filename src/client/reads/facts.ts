import type { RelationName } from '../../compile/plan.ts'
import { MillraceError } from '../../errors.ts'
import { displayName } from '../../sql/names.ts'
import { qualified } from '../../sql/sql.ts'
import type { Ask } from '../statement.ts'
import { FACTS } from './facts.sql.ts'

/** What the database says of a read model. */
export interface Facts {
  readonly columns: readonly Column[]
  /** In which orders its rows can be had from an index. */
  readonly indexes: readonly (readonly IndexColumn[])[]
}

export interface Column {
  readonly name: string
  /** Qualified and quoted. */
  readonly type: string
  /** Its image is one text, and not a list or an object. */
  readonly isPlain: boolean
}

export interface IndexColumn {
  readonly name: string
  readonly isDescending: boolean
  readonly isNullsFirst: boolean
}

/** Columns and indexes change with migrations only; a process that outlives one knows of it so much later. */
const REMEMBERED_MS = 60_000

/** Asks and remembers. What failed is asked again. */
export function rememberedFacts(ask: Ask, name: RelationName): () => Promise<Facts> {
  let known: Promise<Facts> | undefined
  let askedAt = 0
  return async () => {
    if (known === undefined || performance.now() - askedAt > REMEMBERED_MS) {
      askedAt = performance.now()
      known = readFacts(ask, name)
    }
    const asked = known
    try {
      return await asked
    } catch (error) {
      if (known === asked) known = undefined
      throw error
    }
  }
}

export async function readFacts(ask: Ask, name: RelationName): Promise<Facts> {
  const [facts] = await ask<Facts>(FACTS, [qualified(name).text])
  if (facts !== undefined && facts.columns.length > 0) return facts
  throw new MillraceError('MODEL_UNKNOWN', {
    detail: displayName(name),
    hint: 'Install it first: millrace migrate up. Or is this another database?',
  })
}

export function findColumn(facts: Facts, name: string): Column | undefined {
  return facts.columns.find((it) => it.name === name)
}
