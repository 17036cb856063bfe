import type { Node } from '../../sql/parse.ts'

/** The name of a node's type and its fields: the parser wraps each node as `{ Type: { … } }`. */
export interface Visit {
  readonly type: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly node: Node
}

/**
 * Visits every node below `root` (and `root` itself), outermost first, in the order of the text as far as the parser
 * keeps it. A visitor that returns 'skip' (anything else goes on) keeps the walk out of that node.
 */
export function walk(root: unknown, visitor: (visit: Visit) => unknown): void {
  if (Array.isArray(root)) {
    for (const item of root) walk(item, visitor)
    return
  }
  if (!isObject(root)) return

  const visit = asNode(root)
  if (visit !== undefined) {
    if (visitor(visit) === 'skip') return
    for (const field of Object.values(visit.fields)) walk(field, visitor)
    return
  }
  for (const field of Object.values(root)) walk(field, visitor)
}

/** True if a node of that type stands anywhere in the tree. */
export function hasNode(root: unknown, type: string): boolean {
  return someNode(root, (visit) => visit.type === type)
}

/** True if some node of the tree is one that is looked for. */
export function someNode(root: unknown, isLookedFor: (visit: Visit) => boolean): boolean {
  const found: Visit[] = []
  walk(root, (visit) => {
    if (found.length > 0) return 'skip'
    if (isLookedFor(visit)) found.push(visit)
    return undefined
  })
  return found.length > 0
}

/** Copies a tree, replacing each node for which `replace` returns another one; what it returns is not visited again. */
export function mapTree<T>(root: T, replace: (visit: Visit) => Node | undefined): T {
  if (Array.isArray(root)) return root.map((item: unknown) => mapTree(item, replace)) as T
  if (!isObject(root)) return root

  const visit = asNode(root)
  const replacement = visit === undefined ? undefined : replace(visit)
  if (replacement !== undefined) return replacement as T
  return Object.fromEntries(Object.entries(root).map(([name, value]) => [name, mapTree(value, replace)])) as T
}

/** A wrapped node has exactly one field, named like a type: with a capital. */
function asNode(value: Record<string, unknown>): Visit | undefined {
  const [type, ...more] = Object.keys(value)
  if (type === undefined || more.length > 0 || !/^[A-Z]/.test(type)) return undefined

  const fields = value[type]
  return isObject(fields) ? { type, fields, node: value as unknown as Node } : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
