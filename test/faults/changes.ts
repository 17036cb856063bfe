import type { Random } from '../oracle/random.ts'
import {
  anyCategory,
  anyItem,
  anyOwner,
  literal,
  named,
  OWNERS,
  upTo,
  USERS,
  voteKey,
  type Change,
  type Tables,
} from './record.ts'

/** The first rows: owners, so many items, votes. */
export function seed(items: number): Change {
  return {
    sql: `insert into owners select i, 'owner ' || i, nullif('region ' || i % 4, 'region 0')
            from generate_series(1, ${String(OWNERS)}) as i;
          insert into items select i, nullif(i % ${String(OWNERS + 1)}, 0), nullif('category ' || i % 5, 'category 0'), i % 100
            from generate_series(1, ${String(items)}) as i;
          insert into votes select i, u, (i + u) % 5 - 1
            from generate_series(1, 20) as i, generate_series(1, ${String(USERS)}) as u`,
    apply(tables) {
      for (const i of upTo(OWNERS)) {
        tables.owners.set(i, { name: `owner ${String(i)}`, region: named('region', i % 4) })
      }
      for (const i of upTo(items)) {
        const owner = i % (OWNERS + 1)
        const category = named('category', i % 5)
        tables.items.set(i, { owner: owner === 0 ? null : owner, category, price: i % 100 })
      }
      for (const i of upTo(20))
        for (const u of upTo(USERS)) tables.votes.set(voteKey(i, u), ((i + u) % 5) - 1)
    },
  }
}

/** Changes every item at once: with a full shelf these are more units than one drain recomputes. */
export const RAISE_ALL_PRICES: Change = {
  sql: 'update items set price = price + 1',
  apply: ({ items }) => {
    for (const item of items.values()) item.price += 1
  },
}

/** Kinds of change, each for a random row. A writer goes through all of them in turn. */
export const CHANGES: readonly ((random: Random, n: number) => Change)[] = [
  insertItem,
  reprice,
  vote,
  moveItem,
  recategorise,
  moveVote,
  moveOwner,
  deleteItem,
  renumberItem,
  bulk,
  removeVotes,
  ownerAndItems,
  rolledBack,
  remark,
  reprice,
  vote,
  insertItem,
]

function insertItem(random: Random, n: number): Change {
  const [id, owner, category, price] = [
    1_000_000 + n,
    anyOwner(random),
    anyCategory(random),
    random.below(100),
  ]
  return {
    sql: `insert into items values (${String(id)}, ${literal(owner)}, ${literal(category)}, ${String(price)})`,
    apply: ({ items }) => items.set(id, { owner, category, price }),
  }
}

function reprice(random: Random): Change {
  const [id, price] = [anyItem(random), random.below(100)]
  return changeItem(id, `price = ${String(price)}`, (item) => {
    item.price = price
  })
}

function moveItem(random: Random): Change {
  const [id, owner] = [anyItem(random), anyOwner(random)]
  return changeItem(id, `owner_id = ${literal(owner)}`, (item) => {
    item.owner = owner
  })
}

function recategorise(random: Random): Change {
  const [id, category] = [anyItem(random), anyCategory(random)]
  return changeItem(id, `category = ${literal(category)}`, (item) => {
    item.category = category
  })
}

function changeItem(id: number, set: string, apply: (item: ItemRow) => void): Change {
  return {
    sql: `update items set ${set} where id = ${String(id)}`,
    apply: ({ items }) => {
      const item = items.get(id)
      if (item !== undefined) apply(item)
    },
  }
}

type ItemRow = Tables['items'] extends Map<number, infer Row> ? Row : never

function deleteItem(random: Random): Change {
  const id = anyItem(random)
  return {
    sql: `delete from items where id = ${String(id)}`,
    apply: ({ items }) => items.delete(id),
  }
}

/** A row's own key moves. */
function renumberItem(random: Random, n: number): Change {
  const [from, to] = [anyItem(random), 2_000_000 + n]
  return {
    sql: `update items set id = ${String(to)} where id = ${String(from)}`,
    apply: ({ items }) => {
      const item = items.get(from)
      if (item === undefined) return
      items.delete(from)
      items.set(to, item)
    },
  }
}

function bulk(random: Random): Change {
  const rest = random.below(7)
  return {
    sql: `update items set price = price + 3, category = coalesce(category, 'late') where id % 7 = ${String(rest)} and id < 500`,
    apply: ({ items }) => {
      for (const [id, item] of items) {
        if (id % 7 !== rest || id >= 500) continue
        item.price += 3
        item.category ??= 'late'
      }
    },
  }
}

function vote(random: Random): Change {
  const [item, user, weight] = [anyItem(random), 1 + random.below(USERS), random.below(7) - 2]
  return {
    sql: `insert into votes values (${String(item)}, ${String(user)}, ${String(weight)})
          on conflict (item_id, user_id) do update set weight = excluded.weight`,
    apply: ({ votes }) => votes.set(voteKey(item, user), weight),
  }
}

/** From one counter to another. */
function moveVote(random: Random): Change {
  const [from, to, user] = [anyItem(random), anyItem(random), 1 + random.below(USERS)]
  return {
    sql: `update votes set item_id = ${String(to)} where item_id = ${String(from)} and user_id = ${String(user)}
          and not exists (select from votes where item_id = ${String(to)} and user_id = ${String(user)})`,
    apply: ({ votes }) => {
      const weight = votes.get(voteKey(from, user))
      if (weight === undefined || votes.has(voteKey(to, user))) return
      votes.delete(voteKey(from, user))
      votes.set(voteKey(to, user), weight)
    },
  }
}

function removeVotes(random: Random): Change {
  const item = anyItem(random)
  return {
    sql: `delete from votes where item_id = ${String(item)}`,
    apply: ({ votes }) => {
      for (const user of upTo(USERS)) votes.delete(voteKey(item, user))
    },
  }
}

function remark(_: Random, n: number): Change {
  const text = `remark ${String(n)}`
  return {
    sql: `insert into remarks values (${String(n)}, '${text}')`,
    apply: ({ remarks }) => remarks.set(n, text),
  }
}

/** A table of its own: what is truncated is rebuilt, and that would heal whatever went wrong with it before. */
export const TRUNCATE_REMARKS: Change = {
  sql: 'truncate remarks',
  apply: ({ remarks }) => {
    remarks.clear()
  },
}

function moveOwner(random: Random, n: number): Change {
  const [id, name, region] = [
    1 + random.below(OWNERS),
    `owner, renamed by ${String(n)}`,
    named('region', random.below(4)),
  ]
  return {
    sql: `update owners set name = '${name}', region = ${literal(region)} where id = ${String(id)}`,
    apply: ({ owners }) => {
      if (owners.has(id)) owners.set(id, { name, region })
    },
  }
}

/** One statement over two sources: an owner goes with all items, and comes again. */
function ownerAndItems(random: Random): Change {
  const id = 1 + random.below(OWNERS)
  const row = { name: 'owner, anew', region: named('region', random.below(4)) }
  return {
    sql: `with gone as (delete from owners where id = ${String(id)})
          update items set owner_id = null, price = 0 where owner_id = ${String(id)};
          insert into owners values (${String(id)}, '${row.name}', ${literal(row.region)})`,
    apply: ({ owners, items }) => {
      owners.set(id, row)
      for (const item of items.values()) if (item.owner === id) Object.assign(item, { owner: null, price: 0 })
    },
  }
}

/** Captured, and taken back with its savepoint. */
function rolledBack(random: Random): Change {
  return {
    sql: `savepoint s; delete from votes where item_id = ${String(anyItem(random))}; update items set price = -1; rollback to s`,
    apply: () => undefined,
  }
}
