import { MODELS } from '../models.ts'

/** A read model that its writers keep up to date themselves. */
export interface ImmediateModel {
  readonly name: string
  readonly key: string | readonly string[]
  readonly query: string
  readonly freshness: 'immediate'
  readonly onError: 'fail' | 'queue'
  /** What the compiler must choose. */
  readonly kind: 'fold' | 'recompute'
  readonly shape: string
  /** Sums what may be NaN, which a sum keeps for ever: such units wait for the worker. */
  readonly mayWait?: boolean
  /** Only where some keys cannot be computed. */
  readonly failing?: FailingKeys
}

/** A query that divides by zero for some keys, and what tells these apart without dividing. The key is one whole number. */
export interface FailingKeys {
  /** A SELECT of the keys that cannot be computed, as column `key`. */
  readonly keys: string
  /** The query over the other keys. */
  readonly others: string
}

type Rest = Omit<ImmediateModel, 'freshness' | 'onError'> & Partial<Pick<ImmediateModel, 'onError'>>

function immediate(model: Rest): ImmediateModel {
  return { onError: 'fail', ...model, freshness: 'immediate' }
}

/** One of the eventual oracle's models, kept immediately. */
function again(name: string, kind: ImmediateModel['kind']): ImmediateModel {
  const model = MODELS.find((it) => it.name === name)
  if (model === undefined) throw new Error(`no model ${name}`)
  const { key, query, shape } = model
  return immediate({ name, key, query, kind, shape })
}

const QUOTA = 'coalesce(sum(c.amount), 0)'

/** Divides by zero for users whose comments come to 13. */
const quotas = immediate({
  name: 'quotas',
  kind: 'fold',
  shape: 'a group fold that may divide by zero, and queues',
  onError: 'queue',
  key: 'project_id',
  query: `
    select c.project_id, count(*) as n, 1000 / (${QUOTA} - 13) as quota
    from comments c group by c.project_id`,
  failing: {
    keys: `select c.project_id as key from comments c group by c.project_id having ${QUOTA} = 13`,
    others: `
      select c.project_id, count(*) as n, 1000 / nullif(${QUOTA} - 13, 0) as quota
      from comments c group by c.project_id having ${QUOTA} <> 13`,
  },
})

const WEIGHT = 'coalesce((select sum(v.weight) from votes v where v.project_id = p.id), 0)'

const shares = immediate({
  name: 'shares',
  kind: 'fold',
  shape: 'a fold of subqueries that may divide by zero, and fails',
  key: 'id',
  query: `select p.id, p.title, 1000 / (${WEIGHT} - 29) as share from projects p`,
  failing: {
    keys: `select p.id as key from projects p where ${WEIGHT} = 29`,
    others: `select p.id, p.title, 1000 / nullif(${WEIGHT} - 29, 0) as share from projects p where ${WEIGHT} <> 29`,
  },
})

const BUSINESS = '(select count(distinct m.recipient_id) from messages m where m.sender_id = u.id)'

const reaches = immediate({
  name: 'reaches',
  kind: 'recompute',
  shape: 'a recompute that may divide by zero, and queues',
  onError: 'queue',
  key: 'id',
  query: `select u.id, u.name, 12 / (${BUSINESS} - 3) as reach from users u`,
  failing: {
    keys: `select u.id as key from users u where ${BUSINESS} = 3`,
    others: `select u.id, u.name, 12 / nullif(${BUSINESS} - 3, 0) as reach from users u where ${BUSINESS} <> 3`,
  },
})

const limits = immediate({
  name: 'limits',
  kind: 'recompute',
  shape: 'a recompute that may divide by zero, and fails',
  key: 'user_id',
  query: `
    select p.user_id, max(p.title) as best, 100 / (count(*) - 7) as room
    from projects p group by p.user_id`,
  failing: {
    keys: 'select p.user_id as key from projects p group by p.user_id having count(*) = 7',
    others: `
      select p.user_id, max(p.title) as best, 100 / nullif(count(*) - 7, 0) as room
      from projects p group by p.user_id having count(*) <> 7`,
  },
})

/** Immediate read models over the oracle's tables, one or more for each way in which a row comes about. */
export const IMMEDIATE_MODELS: readonly ImmediateModel[] = [
  { ...again('sales', 'fold'), mayWait: true },
  again('mailbox', 'fold'),
  again('sayings', 'fold'),
  immediate({
    name: 'amounts',
    kind: 'fold',
    shape: 'groups with every number that can be NaN left out',
    key: 'project_id',
    query: `
      select c.project_id, count(*) as n, avg(c.amount) as mean, sum(c.amount) filter (where c.body is not null) as amount,
             coalesce(sum(c.amount), 0) + c.project_id as shifted
      from comments c where c.user_id is not null group by c.project_id`,
  }),
  immediate({
    name: 'scores',
    kind: 'fold',
    shape: 'subqueries of one root, which a filter may hide',
    key: 'id',
    query: `
      select p.id, p.title, p.user_id, upper(p.title) as loud,
             (select count(*) from votes v where v.project_id = p.id and v.up) as ups,
             (select count(*) filter (where v.up) - count(*) filter (where not v.up)
              from votes v where v.project_id = p.id) as balance,
             (select sum(v.weight) from votes v where v.project_id = p.id) as weight,
             (select avg(v.weight) filter (where v.up) from votes v where v.project_id = p.id) as mean,
             (select coalesce(sum(c.amount) filter (where c.body = 'hi'), 0) from comments c
              where c.project_id = p.id) as amount,
             (select sum(v.fee) from votes v where v.project_id = p.id) as fees
      from projects p
      where not p.deleted`,
  }),
  immediate({
    name: 'prices',
    kind: 'fold',
    shape: 'subqueries of one root that may sum NaN',
    mayWait: true,
    key: 'id',
    query: `
      select p.id, p.score,
             (select sum(c.price) from comments c where c.project_id = p.id) as price,
             (select count(*) from comments c where c.project_id = p.id and c.parent_id is null) as top_level
      from projects p`,
  }),
  immediate({
    name: 'people',
    kind: 'fold',
    shape: 'subqueries of one root over many tables, itself one of them',
    key: 'id',
    query: `
      select u.id, u.name, u.active,
             (select count(*) from projects p where p.user_id = u.id and not p.deleted) as projects,
             (select count(*) from comments c where c.user_id = u.id) as comments,
             (select count(*) from messages m where m.recipient_id = u.id and not m.seen) as unseen,
             (select count(*) from users r where r.boss_id = u.id) as reports,
             (select count(*) from messages m where m.sender_id = u.id)
               + 2 * (select count(*) from votes v where v.user_id = u.id and v.up) as activity
      from users u`,
  }),
  quotas,
  shares,
  again('feed', 'recompute'),
  again('threads', 'recompute'),
  again('newest', 'recompute'),
  again('spoken', 'recompute'),
  again('per_user', 'recompute'),
  again('per_author', 'recompute'),
  again('per_country', 'recompute'),
  again('conversations', 'recompute'),
  again('bosses', 'recompute'),
  immediate({
    name: 'extremes',
    kind: 'recompute',
    shape: 'the key directly from two sources',
    key: 'id',
    query: `
      select u.id,
             (select max(p.title) from projects p where p.user_id = u.id) as title,
             (select min(c.written) from comments c where c.user_id = u.id) as written
      from users u
      where u.active`,
  }),
  reaches,
  limits,
]
