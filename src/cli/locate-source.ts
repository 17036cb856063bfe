import { readFileSync } from 'node:fs'

/** A place in a file or in a text: line and column count from 1. */
export interface Place {
  readonly file: string | undefined
  readonly line: number | undefined
  readonly column: number | undefined
}

/** Splits `models/feed.ts:12` into its parts. */
export function placeOf(file: string | undefined): Place {
  const match = /^(?<name>.*?)(?::(?<line>\d+))?$/s.exec(file ?? '')
  const { name, line } = match?.groups ?? {}
  return {
    file: name === '' ? undefined : name,
    line: line === undefined ? undefined : Number(line),
    column: undefined,
  }
}

/**
 * The line of the file on which a query's text begins, searched from the declaration on. Undefined where the text does
 * not stand in the file as it is: made of pieces, or built by a library.
 */
export function firstLineOf({ file, line }: Place, source: string): number | undefined {
  const text = file === undefined ? undefined : readText(file)
  if (text === undefined || source.trim() === '') return undefined

  const declaredAt = offsetOfLine(text, line ?? 1)
  const found = text.indexOf(source, declaredAt)
  const offset = found === -1 ? text.indexOf(source) : found
  return offset === -1 ? undefined : countLines(text.slice(0, offset))
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Only to show a better line number: whatever keeps us from reading the file, the error itself is still told.
    return undefined
  }
}

function offsetOfLine(text: string, line: number): number {
  return text.split('\n', line - 1).reduce((sum, it) => sum + it.length + 1, 0)
}

function countLines(text: string): number {
  return text.split('\n').length
}
