import { namesOf } from '../analyze/ast/nodes.ts'
import type { Node } from '../sql/parse.ts'

/** A relation as a statement names it. */
export interface Named {
  /** Absent where the statement leaves it to the search_path. */
  readonly schema?: string | undefined
  readonly name: string
}

interface RangeVarFields {
  readonly schemaname?: string
  readonly relname?: string
}

export function nameOf(relation: RangeVarFields | undefined): Named {
  return { schema: relation?.schemaname, name: relation?.relname ?? '' }
}

/** The dotted name of a DROP and the like. */
export function dottedName(node: Node | undefined): Named {
  const parts = node !== undefined && 'List' in node ? namesOf(node.List.items) : []
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' }
}

/** True if both may be the same relation: a name without a schema is taken for one in any. */
export function isSame(a: Named, b: Named): boolean {
  return a.name === b.name && (a.schema === undefined || b.schema === undefined || a.schema === b.schema)
}

export function shown({ schema, name }: Named): string {
  return schema === undefined ? name : `${schema}.${name}`
}
