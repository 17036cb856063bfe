import type { Random } from '../../random.ts'
import { BADGES, CATEGORIES, QUALITIES, SENTENCES, THINGS } from '../../words.ts'
import type { WriteKind } from '../mix.ts'
import type { Session } from '../sessions.ts'
import { popular, type World } from '../world.ts'
import type { Statement } from './contender.ts'

/** What people write, into the base tables: the same for all contenders. */
export function writeStatement(
  kind: WriteKind,
  random: Random,
  world: World,
  { userId }: Session,
): Statement {
  switch (kind) {
    case 'vote':
      return {
        text: `insert into upvotes (user_id, project_id, is_upvote) values ($1, $2, $3)
               on conflict (user_id, project_id) do update set is_upvote = excluded.is_upvote`,
        values: [userId, popular(world.projects, random), random.below(8) > 0],
      }
    case 'comment':
      return {
        text: 'insert into comments (user_id, project_id, content) values ($1, $2, $3)',
        values: [userId, popular(world.projects, random), random.pick(SENTENCES)],
      }
    case 'message':
      return {
        text: `insert into direct_messages (sender_id, recipient_id, message)
               select $1, $2, $3 where $1::uuid <> $2::uuid`,
        values: [userId, popular(world.userIds, random), random.pick(SENTENCES)],
      }
    case 'other write':
      return random.pick(others(random, world, userId))
  }
}

function others(random: Random, world: World, userId: string): readonly Statement[] {
  return [
    {
      text: 'insert into chain_followers (chain_id, user_id) values ($1, $2) on conflict do nothing',
      values: [popular(world.chains, random), userId],
    },
    {
      text: 'update notifications set is_read = true where user_id = $1 and not is_read',
      values: [userId],
    },
    {
      text: 'insert into projects (user_id, title, description, category) values ($1, $2, $3, $4)',
      values: [
        userId,
        `${random.pick(QUALITIES)} ${random.pick(THINGS)}`,
        random.pick(SENTENCES),
        random.pick(CATEGORIES),
      ],
    },
    {
      text: `insert into validation_badges (project_id, validator_id, badge_type) values ($1, $2, $3)
             on conflict do nothing`,
      values: [popular(world.projects, random), userId, random.pick(BADGES)],
    },
  ]
}
