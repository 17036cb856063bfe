import { randomOperation, type Operation } from '../operations.ts'
import type { Random } from '../random.ts'
import { tableNamed, TABLES, type Table } from '../tables.ts'

/** What a writer runs: statements of SQL, and what they may meet. */
export interface Work {
  readonly statements: readonly string[]
  /** One statement writes to several tables. */
  readonly isCompound: boolean
  /** Rows that nobody named are changed too: by a foreign key's action, or by a trigger of the application. */
  readonly cascades: boolean
  /** It locks many rows in the order in which PostgreSQL finds them, so two of them may deadlock by themselves. */
  readonly isUnordered: boolean
  readonly truncates: boolean
}

/** One statement, or a few that belong together. `tables` are the ones that it may name. */
export function randomWork(random: Random, { truncates }: { readonly truncates: boolean }): Work {
  if (random.oneIn(7)) return plain(random.pick(REFILL)(random))
  if (random.oneIn(4)) return random.pick(TOGETHER)(random)
  const operation = randomOperation(random, truncates ? TABLES : UNTRUNCATED, 40)
  const doesCascade = cascades(operation)
  if (doesCascade && random.oneIn(2)) return randomWork(random, { truncates })
  const statements = operation.sql.split(';\n')
  const { kind, changes } = operation
  const movesKey = changes.some(
    ({ table, columns }) => columns !== 'row' && columns.some((it) => tableNamed(table).key.includes(it)),
  )
  return {
    statements,
    isCompound: kind === 'two sources',
    cascades: doesCascade,
    // A key that moves may wait for a row that another statement inserts, which waits for where it came from.
    isUnordered: kind === 'bulk' || movesKey,
    truncates: kind === 'truncate',
  }
}

const UNTRUNCATED = TABLES.map((it) => ({ ...it, canTruncate: false }))

/** Other tables hold keys of these, and follow when a row goes or gets another key. */
const REFERENCED = new Set(
  TABLES.flatMap(({ columns }) =>
    columns.flatMap(({ references }) => (references === undefined ? [] : [references])),
  ),
)

/** These have triggers of the application. */
const TRIGGERS = ['tags', 'categories']

function cascades({ kind, changes }: Operation): boolean {
  const removes = ['delete', 'merge', 'rolled back', 'key change', 'truncate'].includes(kind)
  return changes.some(({ table }) => TRIGGERS.includes(table) || (removes && REFERENCED.has(table)))
}

/** Changes of several tables at once, of which the triggers of one statement see each other's (LESSONS 7). */
const TOGETHER: readonly ((random: Random) => Work)[] = [
  // A parent and its first children, in one statement.
  (random) => {
    const [project, user] = [idOf('projects', random), idOf('users', random)]
    return plain(`
      with parent as (insert into projects ${newProject(project, user, random)} returning id),
      vote as (insert into votes (user_id, project_id, up, weight)
               select ${user}, id, true, ${number(5, random)} from parent returning project_id)
      insert into comments ${newComment(idOf('comments', random), '(select id from parent)', user, random)}
        and exists (select from parent)
      on conflict do nothing`)
  },
  // A child changes, and its parent.
  (random) =>
    plain(`
      with vote as (update votes set up = not up, weight = ${number(5, random)}
                    where project_id = ${idOf('projects', random)} and user_id = ${idOf('users', random)}
                    returning project_id)
      update projects set title = title || '!', deleted = not deleted
      where id = (select project_id from vote) and length(title) < 9`),
  // Three tables, of which each row goes another way.
  (random) => {
    const [project, user] = [idOf('projects', random), idOf('users', random)]
    return plain(`
      with gone as (delete from votes where (user_id, project_id) in (${votesOf('project_id', project, 'update')})
                    returning user_id),
      sent as (update messages set recipient_id = ${user}, seen = not seen
               where id = ${idOf('messages', random)} and exists (select from users where id = ${user}) returning id)
      update projects set title = '${random.pick(['alpha', 'beta'])}', user_id = ${user}
      where id = ${project} and exists (select from users where id = ${user})`)
  },
  // Many rows of one key, or one row of many keys.
  (random) => {
    const of = random.pick(['user_id', 'project_id'])
    return plain(`
      update votes v set up = not v.up, weight = ${number(5, random)}
      from (${votesOf(of, number(30, random), 'no key update')}) o
      where v.user_id = o.user_id and v.project_id = o.project_id`)
  },
  (random) =>
    plain(`
      delete from votes
      where (user_id, project_id) in (${votesOf('user_id', idOf('users', random), 'update')}) and up`),
  // Many rows move to one key.
  (random) => {
    const [first, user] = [random.below(100) + 1, idOf('users', random)]
    return plain(`
      update messages m set ${random.pick(['recipient_id', 'sender_id'])} = ${user}, seen = false
      from (select id from messages where id between ${String(first)} and ${String(first + 20)}
            order by id for no key update) o
      where m.id = o.id and exists (select from users where id = ${user})`)
  },
  (random) => {
    const [first, project] = [random.below(140) + 1, idOf('projects', random)]
    return plain(`
      update comments c set project_id = ${project}, amount = ${number(9, random)}
      from (select id from comments where id between ${String(first)} and ${String(first + 20)}
            order by id for no key update) o
      where c.id = o.id and exists (select from projects where id = ${project})`)
  },
  // Many rows change to which others look.
  (random) => {
    const first = random.below(25) + 1
    return plain(`
      update users u set name = '${random.pick(['gil', 'hal'])}', active = not u.active
      from (select id from users where id between ${String(first)} and ${String(first + 5)}
            order by id for no key update) o
      where u.id = o.id`)
  },
  (random) => {
    const [first, user] = [random.below(50) + 1, idOf('users', random)]
    return plain(`
      update projects p set user_id = ${user}, deleted = not p.deleted
      from (select id from projects where id between ${String(first)} and ${String(first + 8)}
            order by id for no key update) o
      where p.id = o.id and exists (select from users where id = ${user})`)
  },
  (random) => {
    const [from, to] = [idOf('projects', random), idOf('projects', random)]
    const move = plain(`
      update votes v set project_id = ${to}, weight = ${number(5, random)}
      where project_id = ${from} and exists (select from projects where id = ${to})
        and not exists (select from votes o where o.project_id = ${to} and o.user_id = v.user_id)`)
    return { ...move, isUnordered: true }
  },
  // Children before their parent, which foreign keys allow until the commit.
  (random) => {
    const [project, user] = [idOf('projects', random), idOf('users', random)]
    return several(false, [
      'set constraints all deferred',
      `insert into comments ${newComment(idOf('comments', random), project, user, random)} on conflict do nothing`,
      `insert into votes (user_id, project_id, up, weight)
       select ${user}, ${project}, true, 3 on conflict do nothing`,
      `insert into projects ${newProject(project, user, random)}`,
    ])
  },
  // A parent goes with all its children, and comes again with others.
  (random) => {
    const [project, user] = [idOf('projects', random), idOf('users', random)]
    return several(true, [
      `delete from projects where id = ${project}`,
      `insert into projects ${newProject(project, user, random)}`,
      `insert into comments ${newComment(idOf('comments', random), project, user, random)}
         and exists (select from projects where id = ${project}) on conflict do nothing`,
    ])
  },
  // Whatever waits for the commit is done now, and after each statement.
  (random) => {
    const [project, user] = [idOf('projects', random), idOf('users', random)]
    return several(true, [
      `update comments set amount = ${number(9, random)} where user_id = ${user}`,
      'set constraints all immediate',
      `update projects set deleted = not deleted where id = ${project}`,
      `delete from comments where project_id = ${project} and id % 2 = 0`,
      `update votes set weight = ${number(5, random)} where user_id = ${user}`,
    ])
  },
  // What a savepoint takes back, after some of it has been kept.
  (random) => {
    const user = idOf('users', random)
    return several(true, [
      `update users set active = not active where id = ${user}`,
      'savepoint here',
      `update projects set deleted = not deleted where user_id = ${user}`,
      `delete from users where id = ${user}`,
      'rollback to savepoint here',
      `update comments set amount = ${number(9, random)} where user_id = ${user}`,
    ])
  },
]

/**
 * Many rows by one statement, in the order of their key, as two that insert the same must do. Cascades take more rows
 * than single inserts bring.
 */
const REFILL: readonly ((random: Random) => string)[] = [
  (random) => `
      insert into users (id, name, country, active)
      select i, 'fay', 'it', i % 5 > 0 from generate_series(${number(3, random)}, 30, 3) i order by i
      on conflict do nothing`,
  (random) => `
      insert into projects (id, user_id, category_id, title, score, deleted)
      select i, u.id, (select min(id) from categories), 'delta', 1.00, i % 9 = 0
      from generate_series(${number(4, random)}, 60, 4) i join users u on u.id = 1 + (i * ${number(9, random)}) % 30
      order by i on conflict do nothing`,
  (random) => `
      insert into comments (id, project_id, user_id, body, amount, price, written)
      select i, p.id, u.id, 'yes', i % 9, 1.5, '2026-03-01'
      from generate_series(${number(8, random)}, 160, 8) i join projects p on p.id = 1 + (i * ${number(9, random)}) % 60
      left join users u on u.id = 1 + i % 30
      order by i on conflict do nothing`,
  (random) => `
      insert into votes (user_id, project_id, up, weight)
      select u.id, p.id, u.id % 3 > 0, ${number(5, random)}
      from users u join projects p on (u.id + p.id) % 31 = ${number(31, random)}
      order by u.id, p.id on conflict do nothing`,
  (random) => `
      insert into messages (id, sender_id, recipient_id, body, seen, sent)
      select i, s.id, r.id, 'well', false, '2026-03-01'
      from generate_series(${number(8, random)}, 120, 8) i join users s on s.id = 1 + i % 30
      join users r on r.id = 1 + (i * ${number(9, random)}) % 30
      order by i on conflict do nothing`,
]

function plain(statement: string): Work {
  const isCompound = statement.trimStart().startsWith('with')
  return { statements: [statement], isCompound, cascades: false, isUnordered: false, truncates: false }
}

function several(doesCascade: boolean, statements: readonly string[]): Work {
  return { statements, isCompound: false, cascades: doesCascade, isUnordered: true, truncates: false }
}

/** Locked in the order of their key. */
function votesOf(column: string, id: string, lock: string): string {
  return `select user_id, project_id from votes where ${column} = ${id} order by user_id, project_id for ${lock}`
}

function newProject(project: string, user: string, random: Random): string {
  return `(id, user_id, title, score, deleted)
    select ${project}, ${user}, 'gamma', ${number(3, random)}, ${String(random.oneIn(4))}
    where exists (select from users where id = ${user})
    on conflict do nothing`
}

/** Ends in a WHERE that can be gone on with. */
function newComment(comment: string, project: string, user: string, random: Random): string {
  const price = random.pick(['1.50', '-2.25', 'null', `'NaN'`])
  return `(id, project_id, user_id, body, amount, price, written)
    select ${comment}, ${project}, ${user}, 'yes', ${number(9, random)}, ${price}, '2026-02-01'
    where exists (select from users where id = ${user})`
}

function idOf(name: Table['name'], random: Random): string {
  return number(TABLES.find((it) => it.name === name)?.range ?? 1, random)
}

function number(below: number, random: Random): string {
  return String(random.below(below) + 1)
}
