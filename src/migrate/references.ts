import { namedTables, type NamedTable } from '../analyze/named-tables.ts'
import { MillraceError } from '../errors.ts'
import type { Client } from '../pg/client.ts'
import { positionOf } from '../sql/parse.ts'
import type { InstalledPlan } from '../work/model.ts'
import { RELATIONS_OF_NAMES, SEARCH_PATH } from './references.sql.ts'
import { isSameName } from '../sql/names.ts'

interface Named {
  readonly schema: string
  readonly name: string
}

/** A declaration that names other read models, perhaps. */
export interface Declared extends Named {
  readonly query: string
  readonly file?: string | undefined
  /** What has its name by now. */
  readonly replaces?: object | undefined
}

/** One read model names another: as it is declared, as it is installed, or both. */
export interface Reference<D> {
  readonly to: D | null
  readonly installed: InstalledPlan | null
  /** Where the text names it first: an offset in UTF-16 units. */
  readonly position: number
}

interface Known {
  readonly searchPath?: readonly string[] | undefined
  readonly installed: readonly InstalledPlan[]
}

/**
 * Which read models the declared ones name. A bare name means what the server would take it for, were all that is declared
 * installed: what has the name in the first schema of the search path that has it.
 */
export async function findReferences<D extends Declared>(
  client: Client,
  definitions: readonly D[],
  { searchPath, installed }: Known,
): Promise<ReadonlyMap<D, readonly Reference<D>[]>> {
  const models = [...definitions, ...installed]
  const named = definitions.map((definition) => ({
    definition,
    tables: namedTables(definition.query).filter(({ name }) => models.some((it) => it.name === name)),
  }))
  const names = [...new Set(named.flatMap(({ tables }) => tables.map(({ name }) => name)))]
  if (names.length === 0) return new Map()

  const path = searchPath ?? (await client.query<{ schema: string }>(SEARCH_PATH)).map(({ schema }) => schema)
  const relations = await client.query<Named & object>(RELATIONS_OF_NAMES, [names])
  const meant = ({ schema, name }: NamedTable): Named | undefined => {
    const schemas = schema === null ? path : [schema]
    const candidates = schemas.map((it) => ({ schema: it, name }))
    const found = candidates.find((it) => [...models, ...relations].some((other) => isSameName(it, other)))
    // What has the name of a declared model and is none stands in its way, and is what the query means by now; unless it is to
    // be replaced.
    const isOther =
      relations.some((it) => found && isSameName(it, found)) &&
      !installed.some((it) => found && isSameName(it, found)) &&
      !definitions.some((it) => it.replaces !== undefined && found && isSameName(it, found))
    return isOther ? undefined : found
  }
  return new Map(
    named.map(({ definition, tables }) => {
      const references = tables.flatMap((table): readonly Reference<D>[] => {
        const target = meant(table)
        if (target === undefined) return []
        const to = definitions.find((it) => isSameName(it, target)) ?? null
        const plan = installed.find((it) => isSameName(it, target)) ?? null
        const position = positionOf(definition.query, table.location)
        return to === null && plan === null ? [] : [{ to, installed: plan, position }]
      })
      return [definition, firstOfEach(references)]
    }),
  )
}

function firstOfEach<D>(references: readonly Reference<D>[]): readonly Reference<D>[] {
  return references.filter(
    (it, i) => references.findIndex((other) => other.to === it.to && other.installed === it.installed) === i,
  )
}

interface Ordered<D> {
  /** Lower ones first, those in a circle left out; else in the order in which they are declared. */
  readonly order: readonly D[]
  readonly failures: readonly { readonly definition: D; readonly error: MillraceError }[]
}

/** Puts declared models after those that they name. Who goes in a circle is refused, once for each circle. */
export function lowerDeclarations<D extends Declared>(
  definitions: readonly D[],
  references: ReadonlyMap<D, readonly Reference<D>[]>,
  installed: readonly InstalledPlan[],
): Ordered<D> {
  const order: D[] = []
  const failures: { definition: D; error: MillraceError }[] = []
  const circling = new Set<D>()
  const seen = new Set<D>()

  const visit = (definition: D, trail: readonly Step<D>[]) => {
    const begun = trail.findIndex((it) => it.from === definition)
    if (begun >= 0) {
      const circle = trail.slice(begun)
      if (!circle.some(({ from }) => circling.has(from))) {
        failures.push({ definition, error: circleError(circle) })
      }
      for (const { from } of circle) circling.add(from)
      return
    }
    if (seen.has(definition)) return
    seen.add(definition)
    for (const reference of references.get(definition) ?? []) {
      for (const to of declaredBehind(reference, definitions, installed)) {
        visit(to, [...trail, { from: definition, position: reference.position }])
      }
    }
    if (!circling.has(definition)) order.push(definition)
  }
  for (const definition of definitions) visit(definition, [])
  return { order, failures }
}

interface Step<D> {
  readonly from: D
  readonly position: number
}

/** The declared model that is named; of one that is only installed the declared ones that it reads. */
function declaredBehind<D extends Declared>(
  { to, installed: plan }: Pick<Reference<D>, 'to' | 'installed'>,
  definitions: readonly D[],
  all: readonly InstalledPlan[],
): readonly D[] {
  if (to !== null) return [to]
  return (plan?.plan.models ?? []).flatMap(({ model }) =>
    declaredBehind(
      {
        to: definitions.find((it) => isSameName(it, model)) ?? null,
        installed: all.find((it) => isSameName(it, model)) ?? null,
      },
      definitions,
      all,
    ),
  )
}

function circleError<D extends Declared>(circle: readonly Step<D>[]): MillraceError {
  const names = circle.map(({ from }) => `${from.schema}.${from.name}`)
  const [first] = circle
  return new MillraceError('MODELS_IN_A_CYCLE', {
    detail: [...names, names[0]].join(' reads '),
    hint: 'Let one of them read the tables themselves.',
    position: first?.position,
    source: first?.from.query,
    file: first?.from.file ?? names[0],
  })
}
