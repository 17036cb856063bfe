import { ident } from '../../sql/sql.ts'
import type { FoundRelation } from '../catalog.ts'

/** Quoted only where it must be, since people read it. PostgreSQL's reserved words are told by the query that they break. */
export function plainName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : ident(name).text
}

const RESERVED = new Set(
  'all and any array as asc both case cast check collate column constraint create default desc distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime not null offset on only or order placing primary references returning select some symmetric table then to trailing true union unique user using variadic when where window with'.split(
    ' ',
  ),
)

/** As it stands in FROM. */
export function tableText({ schema, name, visible }: FoundRelation): string {
  return visible ? plainName(name) : `${plainName(schema)}.${plainName(name)}`
}

/** The first letters of a name's words: `validation_badges` is vb; with a number where that is taken. */
export function aliasOf(name: string, taken: readonly string[]): string {
  const letters = name
    .split('_')
    .map((word) =>
      word
        .replaceAll(/[^a-z0-9]/gi, '')
        .slice(0, 1)
        .toLowerCase(),
    )
    .join('')
  const base = /^[a-z]/.test(letters) ? letters : 't'
  const names = [base, ...[2, 3, 4, 5].map((it) => `${base}${String(it)}`)]
  return names.find((it) => !taken.includes(it) && !RESERVED.has(it)) ?? `${base}_`
}
