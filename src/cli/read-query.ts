import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MillraceError } from '../errors.ts'
import type { Input, Session } from './session.ts'

export interface ReadQuery {
  readonly text: string
  /** Where it was read from, if that was a file. */
  readonly file: string | undefined
}

/** Longer than any query that a person wrote. */
const MAX_BYTES = 1_048_576

const HINT = `Give the query between quotation marks, a file of SQL, or pipe it in: millrace try query.sql`

/** The query on the command line: itself, the name of a file, or `-` or nothing for what is piped in. */
export async function readQuery({ cwd, stdin }: Session, argument: string | undefined): Promise<ReadQuery> {
  if (argument === undefined && stdin.isTTY === true)
    throw new MillraceError('BAD_USAGE', { detail: 'the query is missing', hint: HINT })
  if (argument === undefined || argument === '-') return { text: await readInput(stdin), file: undefined }
  const file = resolve(cwd, argument)
  const found = await stat(file).catch(() => undefined)
  if (found?.isDirectory() === true) throw unreadable(`${argument} is a folder`)
  if (found !== undefined) {
    if (found.size > MAX_BYTES) throw unreadable(`${argument} is larger than a megabyte`)
    return { text: textOf(await readFile(file), argument), file }
  }
  // A query is several words; one word is the name of a file that was written wrongly.
  if (!/\s/.test(argument.trim()) || /\.sql$/i.test(argument)) throw unreadable(whatIsMissing(argument))
  return { text: textOf(Buffer.from(argument), 'the query'), file: undefined }
}

function whatIsMissing(argument: string): string {
  return argument.trim() === '' ? 'the query is empty' : `there is no file ${argument}, and it is no query`
}

/** What is piped in, as text. */
export async function readInput(stdin: Input): Promise<string> {
  if (stdin.isTTY === true)
    throw new MillraceError('BAD_USAGE', { detail: 'nothing is piped in', hint: HINT })
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of stdin) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    size += bytes.length
    if (size > MAX_BYTES) throw unreadable('what is piped in is larger than a megabyte')
    parts.push(bytes)
  }
  return textOf(Buffer.concat(parts), 'what is piped in')
}

function textOf(bytes: Uint8Array, what: string): string {
  if (bytes.includes(0)) throw unreadable(`${what} is not text: it holds a zero byte`)
  const text = decoded(bytes, what)
  if (text.trim() === '') throw unreadable(`${what} is empty`)
  return text
}

function decoded(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw unreadable(`${what} is not text in UTF-8`, cause)
  }
}

function unreadable(detail: string, cause?: unknown): MillraceError {
  return new MillraceError('QUERY_UNREADABLE', { detail, hint: HINT, cause })
}
