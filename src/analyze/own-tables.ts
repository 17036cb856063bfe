import type { CanonicalQuery } from '../catalog/catalog.ts'
import { HOME } from '../sql/names.ts'
import { parseSelect, type RangeVar } from '../sql/parse.ts'
import type { Refusal } from './analysis.ts'
import { walk } from './ast/walk.ts'
import { placeOfTable } from './places.ts'
import { ownProblem } from './sources.ts'

/** Tables of ours that the query names itself, or a view that is no read model's name. */
export function refuseOwnTables(query: CanonicalQuery): readonly Refusal[] {
  const views = query.relations.flatMap(({ definition, readModel }) =>
    definition === null || readModel !== undefined ? [] : [definition],
  )
  return [query.text, ...views].flatMap((text, i) =>
    ownTablesIn(text).map(({ relname = '', location }) => ({
      ...ownProblem(`${HOME}.${relname}`),
      position: i === 0 ? placeOfTable(query, location) : undefined,
    })),
  )
}

function ownTablesIn(text: string): readonly RangeVar[] {
  const found: RangeVar[] = []
  walk({ SelectStmt: parseSelect(text) }, ({ node }) => {
    if ('RangeVar' in node && node.RangeVar.schemaname === HOME) found.push(node.RangeVar)
  })
  return found
}
