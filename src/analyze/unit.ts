import type { CanonicalQuery, OutputColumn } from '../catalog/catalog.ts'
import type { Node } from '../sql/parse.ts'
import type { Refusal, Unit } from './analysis.ts'
import { hasOpaque } from './edges.ts'
import type { Graph } from './graph.ts'
import { neverNull } from './membership.ts'
import { placeOfOutput } from './places.ts'

export type UnitOutcome =
  | { readonly kind: 'unit'; readonly unit: readonly Unit[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Chooses the unit: the key columns that every barrier of every world lets through. */
export function findUnit(
  query: CanonicalQuery,
  key: readonly string[],
  worlds: readonly Graph[],
): UnitOutcome {
  const outputs = key.map((name) => query.columns.findIndex((it) => it.name === name))
  const missing = key.find((_, i) => outputs[i] === -1)
  if (missing !== undefined && query.decays.some(({ column }) => column === missing)) {
    return refuse(
      'KEY_NOT_TRACEABLE',
      `"${missing}" changes as time passes`,
      'Name columns as the key that identify a row, such as an id.',
      placeOfOutput(query, missing),
    )
  }
  if (missing !== undefined) {
    return refuse(
      'KEY_UNKNOWN',
      `"${missing}" is not one of ${query.columns.map((it) => it.name).join(', ')}`,
      'Name output columns of the query as its key.',
    )
  }

  const incomparable = outputs.map((i) => query.columns[i]).find((it) => it?.sortable === false)
  if (incomparable !== undefined) {
    return refuse(
      'KEY_NOT_COMPARABLE',
      `"${incomparable.name}" is of type ${incomparable.type}`,
      'Choose a key column that PostgreSQL can sort, or cast it to text.',
      placeOfOutput(query, incomparable.name),
    )
  }

  const traceable = outputs.filter((i) => worlds.every((world) => isTransparent(world.outputs[i])))
  if (traceable.length === 0) {
    return refuse(
      'KEY_NOT_TRACEABLE',
      `${key.join(', ')} is computed from many rows or by a subquery`,
      'Make a column part of the key that every GROUP BY, DISTINCT ON and PARTITION BY contains, or a column of a table.',
      placeOfOutput(query, key[0] ?? ''),
    )
  }
  return { kind: 'unit', unit: traceable.map((i) => describe(query.columns[i], i, worlds)) }
}

function isTransparent(output: Node | undefined): boolean {
  return output !== undefined && !hasOpaque(output)
}

function describe(column: OutputColumn | undefined, output: number, worlds: readonly Graph[]): Unit {
  if (column === undefined) throw new Error(`no output column ${String(output)}`)
  return { name: column.name, type: column.type, nullable: !isNeverNull(output, worlds), output }
}

/** An output column of which the tables say that it is never null. */
export function isNeverNull(output: number, worlds: readonly Graph[]): boolean {
  return worlds.every((world) => neverNull(world.outputs[output], world.tables))
}

function refuse(code: Refusal['code'], detail: string, hint: string, position?: number): UnitOutcome {
  return { kind: 'refused', refusal: { code, detail, hint, position } }
}
