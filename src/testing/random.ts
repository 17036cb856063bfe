/** A stream of random numbers that its seed decides (mulberry32, Tommy Ettinger, public domain). */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  below(limit: number): number
  pick<T>(items: readonly T[]): T
  /** True once in so many times. */
  oneIn(times: number): boolean
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number) => next() % limit
  return {
    below,
    pick<T>(items: readonly T[]): T {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    oneIn: (times) => below(times) === 0,
  }
}
