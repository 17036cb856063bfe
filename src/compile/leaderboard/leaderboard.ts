import type { OutputColumn } from '../../catalog/catalog.ts'
import { rankedTypeName, rankEntriesName, rankFunctionName } from '../../sql/names.ts'
import { qualified, sql, trusted, type Sql } from '../../sql/sql.ts'
import { readerColumns } from '../decay.ts'
import type { Plan, PlanColumn, PlanInstall, PlanLeaderboard, RelationName, UnitColumn } from '../plan.ts'
import { checkFunction, fillFunction } from './fill.ts'
import { atFunction, beforeFunction } from './locate.ts'
import { applyFunction, changeTriggers } from './maintain.ts'
import { rankOrder, type RankDeclaration } from './declared-order.ts'
import { innerReaders } from './page.ts'
import { amongReader, rankedType, readers, type Reader, type ReadParts } from './read.ts'
import { settleFunctions } from './settle.ts'
import { treeTables, type RankTree } from './tree.ts'

/**
 * Rows of a leaf: a rank reads one leaf and, on each level, the children of one entry. Fewer make that shorter, more make levels
 * fewer and splits rarer; a leaf of so many fits a page or two of the index.
 */
const BUCKET = 64

export interface LeaderboardParts {
  readonly model: RelationName
  readonly storage: RelationName
  readonly key: readonly string[]
  readonly unit: readonly UnitColumn[]
  /** Of the stored table. */
  readonly columns: readonly PlanColumn[]
  /** Of the query. */
  readonly outputs: readonly OutputColumn[]
  readonly decays?: Plan['decays']
  readonly declaration: RankDeclaration
}

export interface CompiledLeaderboard {
  readonly plan: PlanLeaderboard
  readonly install: Required<Pick<PlanInstall, 'up' | 'down' | 'filled' | 'named'>>
}

/** The ranks of a leaderboard: trees beside the stored table, the triggers that keep them, the functions that read them. */
export function compileLeaderboard(parts: LeaderboardParts): CompiledLeaderboard {
  const { model, storage, declaration } = parts
  const { places, lists } = rankOrder(parts)
  const bucket = declaration.bucket ?? BUCKET
  const trees = lists.map((groups): RankTree => {
    const entries = rankEntriesName(
      storage,
      groups.map(({ column }) => column),
    )
    return { storage, entries, groups, places, bucket }
  })
  const ranked = rankedTypeName(storage)
  const columns = readerColumns(parts)
  const key = parts.key.flatMap((name) => columns.filter((it) => it.name === name))
  const read: ReadParts = {
    model,
    ranked: qualified(ranked),
    columns,
    key,
  }
  return {
    plan: {
      order: places.map(({ column, isDescending }) => ({ column, isDescending })),
      bucket,
      trees: trees.map((tree) => treeOf(tree)),
      triggers: texts(changeTriggers(trees).triggers),
      readers: readersOf(trees, read).map(({ name }) => name),
      ranked,
    },
    install: installOf(trees, read),
  }
}

/** The plan of a read model with its ranks: made after the stored table, and gone before it. */
export function withRanks(plan: Plan, { plan: leaderboard, install }: CompiledLeaderboard): Plan {
  return {
    ...plan,
    leaderboard,
    install: {
      ...plan.install,
      up: [...plan.install.up, ...install.up],
      filled: install.filled,
      named: {
        up: [...install.named.up, ...(plan.install.named?.up ?? [])],
        down: [...(plan.install.named?.down ?? []), ...install.named.down],
      },
      down: [...install.down, ...plan.install.down],
    },
  }
}

function treeOf({ entries, groups }: RankTree): PlanLeaderboard['trees'][number] {
  return {
    within: groups.map(({ column }) => column),
    entries,
    fill: rankFunctionName(entries, 'fill'),
    check: rankFunctionName(entries, 'check'),
  }
}

function readersOf(trees: readonly RankTree[], read: ReadParts): readonly Reader[] {
  const [whole] = trees
  return [
    ...trees.flatMap((tree) => readers(tree, read)),
    ...(whole === undefined ? [] : [amongReader(whole, read)]),
  ]
}

/**
 * The tables and what keeps them are made with the model; the triggers only when it is filled, with the trees made at one go:
 * one sort, where growing them would look up each row.
 */
function installOf(trees: readonly RankTree[], read: ReadParts): CompiledLeaderboard['install'] {
  const changes = changeTriggers(trees)
  const functions = readersOf(trees, read)
  const kept = trees.flatMap((tree) => [
    ...treeTables(tree),
    beforeFunction(tree),
    atFunction(tree),
    applyFunction(tree),
    ...settleFunctions(tree),
    fillFunction(tree),
    checkFunction(tree),
  ])
  const call = (tree: RankTree, part: string) => qualified(rankFunctionName(tree.entries, part))
  const secret = trees.flatMap((tree) =>
    ['before', 'at', 'apply', 'settle', 'first', 'split', 'merge', 'fill', 'check'].map(
      (part) => sql`revoke all on function ${call(tree, part)} from public`,
    ),
  )
  return {
    up: texts([
      ...kept,
      ...secret,
      ...changes.functions,
      rankedType(read),
      ...trees.flatMap((tree) => innerReaders(tree, read)),
      ...trees.flatMap((tree) =>
        ['place', 'rank', 'page'].map((part) => sql`revoke all on function ${call(tree, part)} from public`),
      ),
    ]),
    filled: texts([
      // A drain whose snapshot is older than the trees would count in trees that it does not see. Nobody reads the table yet.
      ...trees
        .slice(0, 1)
        .map(({ storage }) => sql`lock table ${qualified(storage)} in access exclusive mode`),
      ...changes.triggers,
      ...trees.map((tree) => sql`select ${call(tree, 'fill')}()`),
    ]),
    named: {
      up: texts(
        functions.flatMap((it) => [it.sql, sql`revoke all on function ${qualified(it.name)} from public`]),
      ),
      down: texts(functions.map((it) => sql`drop function if exists ${qualified(it.name)}`)),
    },
    down: texts([
      ...trees.flatMap((tree) =>
        ['page', 'rank', 'place'].map((part) => sql`drop function if exists ${call(tree, part)}`),
      ),
      sql`drop type if exists ${read.ranked}`,
      // The triggers of the stored table first: their functions can go then.
      ...dropTriggers(trees),
      ...changes.dropFunctions,
      ...trees.flatMap((tree) => [
        ...['check', 'fill', 'merge', 'split', 'first', 'apply', 'at', 'before'].map(
          (part) => sql`drop function if exists ${call(tree, part)}`,
        ),
        sql`drop table if exists ${qualified(tree.entries)}`,
        sql`drop function if exists ${call(tree, 'settle')}`,
      ]),
    ]),
  }
}

function dropTriggers([tree]: readonly RankTree[]): readonly Sql[] {
  if (tree === undefined) return []
  return ['insert', 'update', 'delete', 'truncate'].map(
    (event) =>
      sql`drop trigger if exists ${trusted(`millrace_ranks_${event}`)} on ${qualified(tree.storage)}`,
  )
}

function texts(statements: readonly Sql[]): readonly string[] {
  return statements.map(({ text }) => text)
}
