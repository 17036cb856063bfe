import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { VOID_MODELS, VOID_WATERMARKS } from './restored.sql.ts'

/**
 * This database was restored from a dump, or moved: marks every read model of which that is true for a rebuild, and
 * returns the error with which the worker stops. Strict reads ask the query for everything until then. Nothing is returned
 * if a rebuild has begun meanwhile, and there is none left.
 */
export async function markForRebuild(
  client: Client,
  cause: MillraceError,
): Promise<MillraceError | undefined> {
  await client.query(VOID_WATERMARKS, [cause.message])
  const models = await client.query<{ model: string }>(VOID_MODELS)
  if (models.length === 0) return undefined
  const names = models.map(({ model }) => model).join(', ')
  return new MillraceError('WATERMARK_OF_ANOTHER_CLUSTER', {
    detail: `${names}: ${models.length === 1 ? 'it is' : 'they are'} marked for a rebuild, and strict reads stay exact`,
    hint: 'Run: millrace rebuild --all',
    cause,
  })
}
