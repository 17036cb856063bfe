import { fileURLToPath } from 'node:url'

/**
 * Where the function that calls `below` was itself called: `/app/models/feed.ts:12`. Undefined where the engine does
 * not say. One frame is captured, so a thousand declarations cost a few milliseconds.
 */
export function declaredAt(below: (...args: never) => unknown): string | undefined {
  const limit = Error.stackTraceLimit
  const holder: { stack?: unknown } = {}
  Error.stackTraceLimit = 1
  try {
    Error.captureStackTrace(holder, below)
    // Reading the stack formats it, so it must happen before the limit is put back: others may hook the formatting.
    return typeof holder.stack === 'string' ? placeOfFrame(holder.stack.split('\n').at(-1) ?? '') : undefined
  } finally {
    Error.stackTraceLimit = limit
  }
}

/**
 * The place in one line of a stack: `    at feed (file:///app/models/feed.ts:12:9)`, with or without a function, a
 * scheme or `async`. Undefined for frames of the engine itself.
 */
export function placeOfFrame(frame: string): string | undefined {
  const match = /^\s*at (?:.*? \()?(?<file>(?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(?<line>\d+):\d+\)?$/.exec(
    frame,
  )
  const { file, line } = match?.groups ?? {}
  if (file === undefined || line === undefined) return undefined
  return `${file.startsWith('file:') ? fileURLToPath(withoutQuery(file)) : file}:${line}`
}

/** Loaders add `?t=…` to load a module again. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '')
}
