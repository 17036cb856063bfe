import type { Random } from '../random.ts'

/** Nine requests of ten look at a page; the parts of a hundred are those that the application was planned for. */
const PAGES_OF_ALL = 0.9

const PAGE_PARTS = {
  feed: 40,
  details: 20,
  search: 10,
  dashboard: 10,
  leaderboards: 5,
  inbox: 5,
} as const
const WRITE_PARTS = { vote: 50, comment: 20, message: 20, 'other write': 10 } as const

export type PageKind = keyof typeof PAGE_PARTS
export type WriteKind = keyof typeof WRITE_PARTS
export type Kind = PageKind | WriteKind

export const PAGE_KINDS = Object.keys(PAGE_PARTS) as readonly PageKind[]
export const WRITE_KINDS = Object.keys(WRITE_PARTS) as readonly WriteKind[]

export function chooseKind(random: Random): Kind {
  return random.next() < PAGES_OF_ALL ? byPart(PAGE_PARTS, random) : byPart(WRITE_PARTS, random)
}

/** How many of all requests are of a kind, from 0 to 1. */
export function shareOf(kind: Kind): number {
  return isPage(kind)
    ? (PAGES_OF_ALL * PAGE_PARTS[kind]) / sum(PAGE_PARTS)
    : ((1 - PAGES_OF_ALL) * WRITE_PARTS[kind]) / sum(WRITE_PARTS)
}

export function isPage(kind: Kind): kind is PageKind {
  return kind in PAGE_PARTS
}

function byPart<Name extends string>(parts: Readonly<Record<Name, number>>, random: Random): Name {
  const names = Object.keys(parts) as Name[]
  let at = random.next() * sum(parts)
  for (const name of names) {
    at -= parts[name]
    if (at < 0) return name
  }
  return random.pick(names)
}

function sum(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((total, part) => total + part, 0)
}
