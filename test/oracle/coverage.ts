import type { InstalledModel } from '../../src/work/model.ts'
import { isPossible, OPERATION_KINDS, type Operation } from './operations.ts'
import { tableNamed } from './tables.ts'

export const ISOLATIONS = ['read committed', 'repeatable read', 'serializable'] as const
export type Isolation = (typeof ISOLATIONS)[number]

/** Counts each operation × isolation level that was drawn, by the table that it was drawn for. */
export class Coverage {
  readonly #drawn = new Map<string, number>()

  count({ table, kind }: Operation, isolation: Isolation): void {
    const cell = `${table} | ${kind} | ${isolation}`
    this.#drawn.set(cell, (this.#drawn.get(cell) ?? 0) + 1)
  }

  /** Each model's shape × path × operation × isolation level that was never drawn. */
  emptyCells(models: readonly InstalledModel[]): readonly string[] {
    return models.flatMap(({ name, plan }) =>
      plan.paths.flatMap(({ source, alias, kind: path }) =>
        OPERATION_KINDS.filter((kind) => isPossible(kind, tableNamed(source.name))).flatMap((kind) =>
          ISOLATIONS.filter((isolation) => !this.#drawn.has(`${source.name} | ${kind} | ${isolation}`)).map(
            (isolation) => `${name} | ${alias} (${path}) | ${kind} | ${isolation}`,
          ),
        ),
      ),
    )
  }
}
