import { walk } from '../../analyze/ast/walk.ts'
import { parseStatements } from '../../sql/parse.ts'

/** What queries and checks compare columns with: a random value hits `status = 'open'` only if it knows of it. */
export interface Constants {
  readonly texts: readonly string[]
  readonly numbers: readonly string[]
}

/** The texts in those conditions that are of one column alone: `state in ('open', 'closed')` allows nothing else. */
export function allowedTexts(column: string, conditions: readonly string[]): readonly string[] {
  return conditions.flatMap((condition) => {
    const select = `select ${condition}`
    const columns = new Set<string>()
    const outcome = parseStatements(select)
    walk(outcome.kind === 'problem' ? [] : outcome.statements, ({ node }) => {
      if (!('ColumnRef' in node)) return
      const last = node.ColumnRef.fields?.at(-1)
      columns.add(last !== undefined && 'String' in last ? (last.String.sval ?? '') : '*')
    })
    return columns.size === 1 && columns.has(column) ? constantsOf([select]).texts : []
  })
}

/** The literals in SQL texts, each a SELECT. */
export function constantsOf(selects: readonly string[]): Constants {
  const texts = new Set<string>()
  const numbers = new Set<string>()
  for (const select of selects) {
    const outcome = parseStatements(select)
    // What the server printed it can read; what another version prints is only a hint less.
    if (outcome.kind === 'problem') continue
    walk(outcome.statements, ({ node }) => {
      if (!('A_Const' in node)) return
      const { sval, ival, fval } = node.A_Const
      if (sval?.sval !== undefined) texts.add(sval.sval)
      if (ival !== undefined) numbers.add(String(ival.ival ?? 0))
      if (fval?.fval !== undefined) numbers.add(fval.fval)
    })
  }
  return { texts: [...texts], numbers: [...numbers] }
}
