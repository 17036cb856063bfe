import type { Random } from '../../random.ts'
import { CATEGORIES, QUALITIES, THINGS } from '../../words.ts'
import type { PageKind } from '../mix.ts'
import type { Session } from '../sessions.ts'
import { popular, type World } from '../world.ts'
import type { Statement } from './contender.ts'

/** From where the pages read, each as a FROM item: a view's name, or a query in brackets. */
export interface PageSources {
  readonly feed: string
  readonly details: string
  readonly search: string
  readonly projects: string
  readonly builders: string
  readonly dashboard: string
  readonly inbox: string
}

type Ask = (random: Random, world: World, session: Session) => readonly Statement[]

/** The statements of the pages, with the plan's orders and numbers of rows. */
export function pagesFrom(sources: PageSources): Readonly<Record<PageKind, Ask>> {
  return {
    feed: (random, _, { userId }) => [
      { ...feedOf(sources.feed, random) },
      // Which of ten the viewer has voted for: by the key, whatever the ten are.
      {
        text: 'select project_id from upvotes where user_id = $1 and is_upvote limit 10',
        values: [userId],
      },
    ],
    details: (random, { projects }) => {
      const id = popular(projects, random)
      return [
        { text: `select * from ${sources.details} as it where it.id = $1`, values: [id] },
        {
          text: `select c.id, c.parent_id, c.content, c.created_at, u.username
                 from comments c join users u on u.id = c.user_id
                 where c.project_id = $1 and not c.is_deleted order by c.created_at desc limit 20`,
          values: [id],
        },
      ]
    },
    search: (random) => [
      {
        text: `select it.* from ${sources.search} as it, plainto_tsquery('english', $1) as wanted
               where it.search_vector @@ wanted
               order by ts_rank(it.search_vector, wanted) desc, it.relevance_score desc limit 20`,
        values: [`${random.pick(QUALITIES)} ${random.pick(THINGS)}`],
      },
    ],
    dashboard: (_, __, { userId }) => [
      { text: `select * from ${sources.dashboard} as it where it.user_id = $1`, values: [userId] },
    ],
    leaderboards: (random) => [
      random.next() < 0.5
        ? leaderOf(sources.projects, 'proof_score')
        : leaderOf(sources.builders, 'total_karma'),
    ],
    inbox: (_, __, { userId }) => [
      {
        text: `select * from ${sources.inbox} as it where it.user_id = $1 order by it.last_message_time desc limit 20`,
        values: [userId],
      },
    ],
  }
}

const ORDERS = ['trending_score', 'trending_score', 'trending_score', 'created_at', 'proof_score'] as const

function feedOf(source: string, random: Random): Statement {
  const isOfCategory = random.below(5) === 0
  const order = isOfCategory ? 'trending_score' : random.pick(ORDERS)
  return {
    text: `select * from ${source} as it ${isOfCategory ? 'where it.category = $1' : ''} order by it.${order} desc limit 10`,
    values: isOfCategory ? [random.pick(CATEGORIES)] : [],
  }
}

function leaderOf(source: string, score: string): Statement {
  return { text: `select * from ${source} as it order by it.${score} desc, it.id limit 50`, values: [] }
}
