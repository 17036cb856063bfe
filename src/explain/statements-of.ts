import type { Plan } from '../compile/plan.ts'

export interface NamedStatement {
  readonly name: string
  readonly sql: string
}

/** Every statement by which a model is kept, in the order in which a drain runs them; what writers run comes last. */
export function statementsOf({ statements, paths, install, immediate }: Plan): readonly NamedStatement[] {
  const { window, resolve, recompute, fold, compare } = statements
  return [
    ...paths.map(({ source, alias, sql }) => ({
      name: `path from ${source.schema}.${source.name} ${alias}`,
      sql,
    })),
    { name: 'window', sql: window },
    ...[fold?.add ?? [], fold?.firsts ?? []].flat().map((sql) => ({ name: 'fold', sql })),
    { name: 'resolve', sql: resolve },
    ...recompute.map(({ sql }) => ({ name: 'recompute', sql })),
    { name: 'compare', sql: compare },
    ...(immediate === null ? [] : install.functions.up).map((sql) => ({ name: 'writers', sql })),
  ]
}
