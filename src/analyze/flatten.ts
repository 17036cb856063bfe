import { shapeOf } from '../sql/deparse.ts'
import type { CanonicalQuery } from '../catalog/catalog.ts'
import type { SelectStmt } from '../sql/parse.ts'
import type { ClockEdge } from './clocks.ts'
import type { Graph } from './graph.ts'
import { nameTables } from './table-names.ts'
import { World, type Choice } from './world.ts'

/** A query flattened, once for each combination of branches of its set operations. */
export interface Flattened {
  readonly worlds: readonly Graph[]
  /** For each table (by ordinal) every column that the query reads through it, in any world. */
  readonly columnsRead: ReadonlyMap<number, ReadonlySet<string>>
  /** Each comparison with the time; undefined for one in which the other side is no column. */
  readonly clocks: readonly (ClockEdge | undefined)[]
}

/** A query whose set operations can be combined in too many ways. */
export class TooManyWorlds extends Error {}

/** More combinations than any query that a person wrote; each costs a set of paths. */
const MAX_WORLDS = 64

/**
 * Flattens a normalized query. The choice of branches is enumerated like an odometer: flattening asks for a branch at
 * each set operation it comes to, and is run again with the last choice advanced until all have been taken.
 */
export function flatten(query: CanonicalQuery, select: SelectStmt): Flattened {
  const aliases = nameTables(select)
  const columnsRead = new Map<number, Set<string>>()
  const worlds: Graph[] = []
  const clocks = new Map<string, ClockEdge | undefined>()

  for (let choices: readonly Choice[] | undefined = []; choices !== undefined;) {
    if (worlds.length === MAX_WORLDS)
      throw new TooManyWorlds(`more than ${String(MAX_WORLDS)} combinations of branches`)
    const world = new World(query, aliases, columnsRead, choices)
    worlds.push(world.flattenRoot(select))
    for (const it of world.clocks) clocks.set(shapeOf(it), it)
    choices = advance(world.taken)
  }
  return { worlds, columnsRead, clocks: [...clocks.values()] }
}

function advance(choices: readonly Choice[]): readonly Choice[] | undefined {
  const last = choices.findLastIndex(({ taken, of }) => taken + 1 < of)
  const advanced = choices[last]
  return advanced && [...choices.slice(0, last), { taken: advanced.taken + 1, of: advanced.of }]
}
