import type { Random } from '../random.ts'
import { CATEGORIES, QUALITIES, SENTENCES, THINGS } from '../words.ts'
import type { Kind, PageKind, WriteKind } from './mix.ts'
import type { Session } from './sessions.ts'
import { popular, type World } from './world.ts'

export interface PageRequest {
  readonly path: string
}

export interface FormRequest extends PageRequest {
  readonly fields: Readonly<Record<string, string>>
}

/** A request of a kind, as somebody's browser sends it. */
export function requestOf(
  kind: Kind,
  random: Random,
  world: World,
  session: Session,
): PageRequest | FormRequest {
  return kind in PAGES
    ? { path: PAGES[kind as PageKind](random, world) }
    : FORMS[kind as WriteKind](random, world, session)
}

const PAGES: Readonly<Record<PageKind, (random: Random, world: World) => string>> = {
  feed: (random) => {
    // Most take what they get first.
    const choice = random.below(10)
    if (choice < 6) return '/'
    if (choice < 8) return random.pick(['/?sort=newest', '/?sort=top-rated'])
    return `/?category=${random.pick(CATEGORIES)}`
  },
  details: (random, world) => `/projects/${popular(world.projects, random)}`,
  search: (random) => `/search?q=${random.pick(QUALITIES)}+${random.pick(THINGS)}`,
  dashboard: () => '/me',
  leaderboards: (random) => random.pick(['/leaderboards/projects', '/leaderboards/builders']),
  inbox: () => '/messages',
}

const FORMS: Readonly<Record<WriteKind, (random: Random, world: World, session: Session) => FormRequest>> = {
  vote: (random, world) => ({
    path: `/projects/${popular(world.projects, random)}/vote`,
    fields: { up: random.below(8) > 0 ? 'true' : 'false', back: '/' },
  }),
  comment: (random, world) => ({
    path: `/projects/${popular(world.projects, random)}/comments`,
    fields: { content: random.pick(SENTENCES) },
  }),
  message: (random, { usernames }, { username }) => {
    const other = popular(usernames, random)
    const to = other === username ? (usernames.find((it) => it !== username) ?? other) : other
    return { path: `/messages/${to}`, fields: { message: random.pick(SENTENCES) } }
  },
  'other write': (random, world) =>
    random.pick([
      { path: `/chains/${popular(world.chains, random)}/follow`, fields: {} },
      { path: '/notifications/read', fields: {} },
      {
        path: '/projects',
        fields: {
          title: `${random.pick(QUALITIES)} ${random.pick(THINGS)}`,
          description: random.pick(SENTENCES),
          category: random.pick(CATEGORIES),
        },
      },
      { path: '/feedback', fields: { message: random.pick(SENTENCES) } },
    ]),
}
