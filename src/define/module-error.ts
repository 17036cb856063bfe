import { MillraceError } from '../errors.ts'
import { placeOfFrame } from './declared-at.ts'

/**
 * What went wrong while a user's module was run, with the file and line: a syntax error, an import that is not there,
 * something thrown. A declaration's own refusal knows its place and passes through.
 */
export function moduleError(error: unknown, file: string): MillraceError {
  if (error instanceof MillraceError) return error
  if (!(error instanceof Error))
    return badConfig(`it throws ${String(error)}`, 'Mend the module.', file, error)

  const syntax = syntaxProblem(error)
  if (syntax !== undefined)
    return badConfig(syntax.message, 'Correct the syntax at the place shown.', syntax.file, error)
  const missing = missingModule(error)
  if (missing !== undefined)
    return badConfig(
      missing.message,
      'Correct the import, or install the package.',
      missing.file ?? file,
      error,
    )

  const detail = `it throws ${error.name}: ${readable(error.message)}`
  return badConfig(detail, 'Mend the module at the place shown.', userFrame(error) ?? file, error)
}

function badConfig(detail: string, hint: string, file: string, cause: unknown): MillraceError {
  return new MillraceError('BAD_CONFIG', { detail, hint, file, cause })
}

/** The loader's message: `ParseError: Unexpected token` and, in a line of its own, ` /app/millrace.config.ts:5:4`. */
function syntaxProblem({ message }: Error): { readonly message: string; readonly file: string } | undefined {
  const match = /^ParseError: (?<what>[^\n]*)\n\s*(?<file>.+):(?<line>\d+):\d+/.exec(message)
  const { what, file, line } = match?.groups ?? {}
  if (what === undefined || file === undefined || line === undefined) return undefined
  return { message: what.trim(), file: `${file}:${line}` }
}

function missingModule(
  error: Error,
): { readonly message: string; readonly file: string | undefined } | undefined {
  const { code, requireStack } = error as { readonly code?: unknown; readonly requireStack?: unknown }
  if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') return undefined
  const from: unknown = Array.isArray(requireStack) ? requireStack[0] : undefined
  return { message: error.message.split('\n')[0] ?? '', file: typeof from === 'string' ? from : undefined }
}

/** The first frame in code that users wrote: not ours, not a package's. */
function userFrame({ stack = '' }: Error): string | undefined {
  return stack
    .split('\n')
    .map(placeOfFrame)
    .find((place) => place !== undefined && !place.includes('/node_modules/'))
}

/** The loader turns `readModell()` into `(0, _millrace.readModell)()`. */
function readable(message: string): string {
  return message.replace(/\(0 ?, ?_\w+\.(\w+)\)/, '$1')
}
