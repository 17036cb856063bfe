import { neededIndexes } from '../needed-indexes.ts'
import { runSql, type Examination, type Finding } from '../finding.ts'
import { displayName } from '../../sql/names.ts'

/** Indexes of sources without which a drain reads a whole table. */
export async function indexes({ client, models }: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const missing = new Map<string, Omit<Finding, 'check'>>()
  for (const model of models) {
    for (const { relation, columns, statement } of await neededIndexes(client, model.plan)) {
      if (statement === null || missing.has(statement)) continue
      missing.set(statement, {
        severity: 'warning',
        object: displayName(relation),
        message: `no index begins with ${columns.join(' or ')}, by which ${displayName(model)} looks rows up: each drain may read the whole table`,
        remedy: [runSql(statement)],
      })
    }
  }
  return [...missing.values()]
}
