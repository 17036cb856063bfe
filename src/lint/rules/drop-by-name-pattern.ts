import { namesOf } from '../../analyze/ast/nodes.ts'
import { someNode } from '../../analyze/ast/walk.ts'
import type { A_Expr, Node } from '../../sql/parse.ts'
import { DYNAMIC } from '../body.ts'
import { dottedName, nameOf } from '../relations.ts'
import type { Rule } from '../rule.ts'

/** A body that drops whatever table is called like a pattern. */
export const dropByNamePattern: Rule = {
  name: 'drop-by-name-pattern',
  level: 'error',

  check: ({ body }) => {
    if (body === undefined) return []
    const drop = body.statements.find(({ node, isDynamic }) => isDynamic && dropsDynamic(node))
    if (drop === undefined || !body.statements.some(({ node }) => looksForNames(node))) return []
    return [
      {
        at: drop.start,
        message:
          'what is dropped here is whatever table of any schema is called so: archives and backups as well as partitions',
        help: 'Walk pg_inherits from the partitioned table, read the bounds (pg_get_expr(relpartbound, oid)), and detach before dropping.',
      },
    ]
  },
}

function dropsDynamic(node: Node): boolean {
  if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_TABLE') return false
  return (node.DropStmt.objects ?? []).some((it) => dottedName(it).name.includes(DYNAMIC))
}

const CATALOGS = new Set(['pg_tables', 'pg_class', 'tables', 'pg_stat_user_tables'])
const PATTERNS = new Set(['AEXPR_LIKE', 'AEXPR_ILIKE', 'AEXPR_SIMILAR'])

function looksForNames(query: Node): boolean {
  const reads = (names: ReadonlySet<string>) =>
    someNode(query, ({ node }) => 'RangeVar' in node && names.has(nameOf(node.RangeVar).name))
  const calls = (name: string) =>
    someNode(query, ({ node }) => 'FuncCall' in node && namesOf(node.FuncCall.funcname).at(-1) === name)
  const comparesPattern = someNode(query, ({ node }) => 'A_Expr' in node && isPattern(node.A_Expr))
  return reads(CATALOGS) && comparesPattern && !reads(INHERITANCE) && !calls('pg_partition_tree')
}

const INHERITANCE = new Set(['pg_inherits'])

function isPattern({ kind = 'AEXPR_OP', name }: A_Expr): boolean {
  return PATTERNS.has(kind) || (namesOf(name).at(-1) ?? '').startsWith('~')
}
