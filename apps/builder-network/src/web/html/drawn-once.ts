import type { Html } from './html.ts'

/**
 * Draws a thing once for each way in which it is shown. Answers that many share hold the same things, and drawing ten of them takes as long as
 * all the rest of a page.
 */
export function drawnOnce<Thing extends object>(): (thing: Thing, way: string, draw: () => Html) => Html {
  const drawn = new WeakMap<Thing, Map<string, Html>>()
  return (thing, way, draw) => {
    const ways = drawn.get(thing) ?? new Map<string, Html>()
    drawn.set(thing, ways)
    const known = ways.get(way)
    // Ways are made of addresses, which come from outside.
    if (known !== undefined || ways.size >= MOST_WAYS) return known ?? draw()
    const made = draw()
    ways.set(way, made)
    return made
  }
}

const MOST_WAYS = 20
