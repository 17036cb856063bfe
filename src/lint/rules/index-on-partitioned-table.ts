import { ident } from '../../sql/sql.ts'
import { findTable } from '../known.ts'
import { isSame, nameOf, shown, type Named } from '../relations.ts'
import type { Edit, Rule, Scene } from '../rule.ts'
import type { Statement } from '../script.ts'

/** An index on a partitioned table: built in one go it locks every partition, and CONCURRENTLY is refused. */
export const indexOnPartitionedTable: Rule = {
  name: 'index-on-partitioned-table',
  level: 'error',
  insteadOf: ['require-concurrent-index-creation'],

  check: (statement, scene) => {
    const { node, start } = statement
    if (!('IndexStmt' in node) || node.IndexStmt.relation?.inh !== true) return []
    const relation = nameOf(node.IndexStmt.relation)
    const table = findTable(scene.known, relation)
    if (table?.partitionedBy == null || table.madeIn === scene.script.file) return []
    const message =
      node.IndexStmt.concurrent === true
        ? `PostgreSQL builds no index concurrently on a partitioned table, and ${shown(relation)} is one`
        : `building this index keeps writers out of all partitions of ${shown(relation)} until the last one is done`
    const help =
      'Create it on only the parent, which takes no time; create one concurrently on each partition; attach each with alter index … attach partition.'
    return [{ at: start, message, help, fix: inSteps(statement, table, scene) }]
  },
}

/** The recipe, where the partitions are known and no transaction forbids it. */
function inSteps(statement: Statement, parent: Named, { known, script }: Scene): readonly Edit[] | undefined {
  const { node, start, end, at, isInTransaction } = statement
  if (!('IndexStmt' in node)) return undefined
  const { idxname, relation, concurrent = false } = node.IndexStmt
  const partitions = known.tables.filter((it) => it.partitionOf !== null && isSame(it.partitionOf, parent))
  if (isInTransaction || idxname === undefined || partitions.length === 0 || relation === undefined)
    return undefined
  // A partition that is partitioned itself needs the same again, which is more than a rewrite should do.
  if (partitions.some(({ partitionedBy }) => partitionedBy !== null)) return undefined

  const place = at(relation.location)
  const before = script.text.slice(start, place).replace(/\bconcurrently\s+/i, '')
  const table =
    /^(?:"(?:[^"]|"")*"|[\w$.]|\s*\.\s*)+/.exec(script.text.slice(place, end))?.[0].trimEnd() ?? ''
  const rest = script.text.slice(place + table.length, end)
  const written = new RegExp(String.raw`^(create\s+(?:unique\s+)?index\s+)(if\s+not\s+exists\s+)?`, 'i')
  const head = written.exec(before)
  if (head === null || table === '' || (concurrent && before.length === place - start)) return undefined

  const onOnly = `${before}only ${table}${rest}`
  const steps = partitions.flatMap((it) => {
    const index = `${idxname}_${it.name}`.slice(0, 63)
    const name = it.schema === undefined ? ident(it.name) : ident(it.schema, it.name)
    return [
      `${head[1]?.trimEnd() ?? ''} concurrently ${ident(index).text} on ${name.text}${rest}`,
      `alter index ${ident(idxname).text} attach partition ${ident(index).text}`,
    ]
  })
  return [{ start, end, text: [onOnly, ...steps].join(';\n') }]
}
