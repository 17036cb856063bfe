import type { MillraceError } from '../../../src/errors.ts'
import { compileModel, type CompiledModel } from '../../../src/migrate/compile-model.ts'
import type { Client } from '../../../src/pg/client.ts'
import { isDatabaseError } from '../../../src/pg/errors.ts'
import { definitionOf } from '../../support/models.ts'
import type { DrawnQuery } from './query.ts'

/** A query and what became of it. `broken`: something else than a refusal, which nobody may ever see. */
export type Compiled =
  | { readonly kind: 'kept'; readonly query: DrawnQuery; readonly model: CompiledModel }
  | { readonly kind: 'refused'; readonly query: DrawnQuery; readonly code: string; readonly message: string }
  | { readonly kind: 'rejected' | 'broken'; readonly query: DrawnQuery; readonly message: string }

export type Compile = typeof compileModel

/** Compiles a query after the server has planned it: what it does not take is no query. */
export async function compileQuery(
  owner: Client,
  query: DrawnQuery,
  name: string,
  compile: Compile = compileModel,
): Promise<Compiled> {
  try {
    await owner.query(`explain ${query.text}`)
  } catch (error) {
    if (!isDatabaseError(error)) throw error
    return { kind: 'rejected', query, message: error.message }
  }
  try {
    return { kind: 'kept', query, model: await compileAsDrawn(owner, query, name, compile) }
  } catch (error) {
    if (isRefusal(error)) return { kind: 'refused', query, code: error.code, message: error.message }
    return {
      kind: 'broken',
      query,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  }
}

async function compileAsDrawn(
  owner: Client,
  { text, key, isImmediate }: DrawnQuery,
  name: string,
  compile: Compile,
): Promise<CompiledModel> {
  const definition = definitionOf({ name, key, query: text })
  if (!isImmediate) return await compile(owner, definition)
  try {
    // What raises is nobody's fault here: their writes go on.
    return await compile(owner, { ...definition, freshness: 'immediate', onError: 'queue' })
  } catch (error) {
    if (isRefusal(error) && error.code === 'IMMEDIATE_NOT_POSSIBLE') return await compile(owner, definition)
    throw error
  }
}

/** By its name: a compiler that was loaded again has a class of its own. */
function isRefusal(error: unknown): error is MillraceError {
  return (
    error instanceof Error &&
    error.name === 'MillraceError' &&
    'code' in error &&
    error.code !== 'INTERNAL_ERROR'
  )
}
