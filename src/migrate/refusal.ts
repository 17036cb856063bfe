import type { Refusal } from '../analyze/analysis.ts'
import { combine } from '../define/problems.ts'
import { MillraceError } from '../errors.ts'

/** What a refusal is about. */
interface Declared {
  readonly schema: string
  readonly name: string
  readonly query: string
  readonly file?: string | undefined
}

/** One error for all refusals of a query, each with its place in the user's own text. */
export function refusalError(definition: Declared, refusals: readonly Refusal[]): MillraceError {
  const [first, ...others] = refusals.map(
    ({ code, ...parts }) =>
      new MillraceError(code, { source: definition.query, ...parts, file: fileOf(definition) }),
  )
  if (first === undefined) throw new Error('refused without a reason')
  return combine([first, ...others])
}

/** Errors of `run` are told with the file of the declaration. */
export async function located<T>(definition: Declared, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof MillraceError) || error.file !== undefined) throw error
    const { code, hint, position, source, cause, detail } = error
    throw new MillraceError(code, { detail, hint, position, source, cause, file: fileOf(definition) })
  }
}

function fileOf({ file, schema, name }: Declared): string {
  return file ?? `${schema}.${name}`
}
