import { namesOf } from '../analyze/ast/nodes.ts'
import type { IndexOptions } from '../define/read-model.ts'
import { deparseExpression } from '../sql/deparse.ts'
import { parseStatements, type Node } from '../sql/parse.ts'
import { ident } from '../sql/sql.ts'
import type { FoundIndex, FoundRelation } from './catalog.ts'

/** The indexes of a relation as they are declared for a read model; that of its key every read model has by itself. */
export function declaredIndexes({ indexes }: FoundRelation, key: readonly string[]): readonly IndexOptions[] {
  return indexes.filter((it) => !isOfKey(it, key)).flatMap((it) => declared(it))
}

function isOfKey({ isUnique, columns }: FoundIndex, key: readonly string[]): boolean {
  return isUnique && columns?.length === key.length && columns.every((it) => key.includes(it))
}

function declared({ name, definition }: FoundIndex): readonly IndexOptions[] {
  const outcome = parseStatements(definition)
  const [statement] = outcome.kind === 'statements' ? outcome.statements : []
  if (statement === undefined || !('IndexStmt' in statement)) return []
  const { indexParams = [], unique, whereClause, accessMethod = 'btree' } = statement.IndexStmt
  return [
    {
      name,
      columns: indexParams.map(entry),
      ...(unique === true && { unique }),
      ...(accessMethod !== 'btree' && { method: accessMethod }),
      ...(whereClause !== undefined && { where: deparseExpression(whereClause).text }),
    },
  ]
}

/** As in CREATE INDEX: `score desc`. */
function entry(element: Node): string {
  if (!('IndexElem' in element)) throw new Error('an index of something else than columns')
  const { name, expr, collation, opclass, ordering, nulls_ordering: nulls } = element.IndexElem
  return [
    name === undefined ? `(${expr === undefined ? '' : deparseExpression(expr).text})` : plain(name),
    ...(collation === undefined ? [] : [`collate ${ident(...namesOf(collation)).text}`]),
    ...(opclass === undefined ? [] : [namesOf(opclass).map(plain).join('.')]),
    ...(ordering === 'SORTBY_DESC' ? ['desc'] : []),
    ...(nulls === 'SORTBY_NULLS_FIRST' ? ['nulls first'] : []),
    ...(nulls === 'SORTBY_NULLS_LAST' ? ['nulls last'] : []),
  ].join(' ')
}

/** Quoted only where it must be: people read it. */
function plain(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : ident(name).text
}
