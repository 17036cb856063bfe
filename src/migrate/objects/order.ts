import type { ObjectDefinition } from '../../define/resolve-object.ts'
import { suggest } from '../../define/suggest.ts'
import { MillraceError } from '../../errors.ts'

export interface PlacedObject extends ObjectDefinition {
  /** It reads a read model, or needs an object that does: it is made when these stand. */
  readonly afterModels: boolean
}

interface Model {
  readonly schema: string
  readonly name: string
}

/** Objects in an order in which each comes after those that it depends on, otherwise as they are declared. Refuses circles. */
export function inOrder(
  objects: readonly ObjectDefinition[],
  models: readonly Model[],
): readonly PlacedObject[] {
  const names = new Map(objects.map((it) => [it.name, it]))
  const isModel = (name: string) =>
    models.some((it) => name === it.name || name === `${it.schema}.${it.name}`)
  const placed = new Map<string, PlacedObject>()
  const place = (object: ObjectDefinition, above: readonly string[]): PlacedObject => {
    const done = placed.get(object.name)
    if (done !== undefined) return done
    if (above.includes(object.name)) throw circle([...above, object.name], object)
    const below = object.dependsOn.flatMap((name) => {
      const other = names.get(name)
      if (other === undefined && !isModel(name)) throw unknown(name, object, [...names.keys()], models)
      return other === undefined ? [] : [place(other, [...above, object.name])]
    })
    const afterModels = below.some((it) => it.afterModels) || object.dependsOn.some((it) => !names.has(it))
    const found = { ...object, afterModels }
    placed.set(object.name, found)
    return found
  }
  for (const object of objects) place(object, [])
  return [...placed.values()]
}

function circle(names: readonly string[], { file }: ObjectDefinition): MillraceError {
  const [first = ''] = names.slice(-1)
  const detail = `objects depend on one another in a circle: ${names.slice(names.indexOf(first)).join(', ')}`
  return new MillraceError('BAD_OBJECT', { detail, hint: 'Take one of them out of "dependsOn".', file })
}

function unknown(
  name: string,
  { name: object, file }: ObjectDefinition,
  objects: readonly string[],
  models: readonly Model[],
): MillraceError {
  const detail = `${object}: "dependsOn" names "${name}", which is neither an object nor a read model`
  return new MillraceError('BAD_OBJECT', {
    detail,
    hint: suggest(name, [...objects, ...models.map((it) => it.name)]),
    file,
  })
}
