import { maskLiteral, maskOf } from '../../src/compile/capture/changed-bits.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import { OPERATION_KINDS, settable, type Change, type Operation } from './operations.ts'
import { tableNamed } from './tables.ts'

export const ISOLATIONS = ['read committed', 'repeatable read', 'serializable'] as const
export type Isolation = (typeof ISOLATIONS)[number]

type Model = Pick<InstalledModel, 'name' | 'plan'>

/** One path of one model (each model is a shape), and the columns through which an operation can come onto it. */
interface Way {
  readonly label: string
  readonly table: string
  readonly columns: readonly string[]
}

/** Counts every shape × path × operation × isolation level that was carried out. */
export class Coverage {
  readonly #ways: readonly Way[]
  readonly #counts = new Map<string, number>()

  constructor(models: readonly Model[]) {
    this.#ways = models.flatMap(waysOf)
  }

  count({ kind, changes }: Operation, isolation: Isolation): void {
    for (const way of this.#ways) {
      if (!changes.some((change) => change.table === way.table && meets(change.columns, way))) continue
      const cell = cellOf(way, kind, isolation)
      this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + 1)
    }
  }

  /** The cells that an operation could fill and none did. */
  emptyCells(): readonly string[] {
    return this.cells().filter((cell) => !this.#counts.has(cell))
  }

  /** Every cell that some operation could fill. */
  cells(): readonly string[] {
    return this.#ways.flatMap((way) =>
      OPERATION_KINDS.filter((kind) => meets(settable(kind, tableNamed(way.table)), way)).flatMap((kind) =>
        ISOLATIONS.map((isolation) => cellOf(way, kind, isolation)),
      ),
    )
  }
}

function cellOf({ label }: Way, kind: Operation['kind'], isolation: Isolation): string {
  return `${label} | ${kind} | ${isolation}`
}

/** Whether a change of these columns matters to the occurrence where the path begins. */
function meets(columns: Change['columns'], way: Way): boolean {
  return columns === 'row' || columns.some((it) => way.columns.includes(it))
}

function waysOf({ name, plan }: Model): readonly Way[] {
  return plan.paths.map(({ source, alias, kind, hops, sql }, i) => {
    const interests = plan.sources.find(({ relation }) => relation.name === source.name)?.interests ?? []
    // A path names the columns of its occurrence by their bits.
    const own = interests.find(({ columns }) => sql.includes(maskLiteral(maskOf(columns))))
    if (own === undefined) throw new Error(`${name}: no interest has the bits of the path from ${alias}`)
    const way = [alias, ...hops.map(({ relation }) => relation.name)].join(' > ')
    return {
      label: `${name} | ${String(i + 1)}: ${way} (${kind})`,
      table: source.name,
      columns: own.columns.map((it) => it.name),
    }
  })
}
