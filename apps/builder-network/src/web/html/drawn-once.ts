import type { Html } from './html.ts'

/** Ways are made of addresses, which come from outside. */
const MOST_WAYS = 20

/** Draws a thing once for each way in which it is shown: answers that many share hold the same things. */
export function drawnOnce<Thing extends object>(): (thing: Thing, way: string, draw: () => Html) => Html {
  const drawn = new WeakMap<Thing, Map<string, Html>>()
  return (thing, way, draw) => {
    const ways = drawn.get(thing) ?? new Map<string, Html>()
    drawn.set(thing, ways)
    const known = ways.get(way)
    if (known !== undefined || ways.size >= MOST_WAYS) return known ?? draw()
    const made = draw()
    ways.set(way, made)
    return made
  }
}
