import { readFileSync } from 'node:fs'
import { ERRORS } from '../../src/errors.ts'

const PAGE = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

/** The codes with which a query is refused: those of the chapter on queries, and all whose name says so. */
export function refusalCodes(): readonly string[] {
  const chapter = /^## The query\n(?<text>.*?)(?=^## |$(?![^]))/ms.exec(PAGE)?.groups?.['text'] ?? ''
  const documented = [...chapter.matchAll(/^### (?<code>[A-Z_]+)$/gm)].map((it) => it.groups?.['code'] ?? '')
  const named = Object.keys(ERRORS).filter((code) => /^(UNSUPPORTED|KEY|SOURCE)_/.test(code))
  return [...new Set([...documented, ...named])].sort()
}
