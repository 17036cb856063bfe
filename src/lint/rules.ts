import type { Rule } from './rule.ts'
import { btreeOnUnboundedValue } from './rules/btree-on-unbounded-value.ts'
import { bypassTriggers } from './rules/bypass-triggers.ts'
import { changeUsedColumn } from './rules/change-used-column.ts'
import { changeUsedTable } from './rules/change-used-table.ts'
import { counterInTrigger } from './rules/counter-in-trigger.ts'
import { dropByNamePattern } from './rules/drop-by-name-pattern.ts'
import { dropMoney } from './rules/drop-money.ts'
import { indexOnPartitionedTable } from './rules/index-on-partitioned-table.ts'
import { likeForgetsTriggers } from './rules/like-forgets-triggers.ts'
import { nonImmutableIndex } from './rules/non-immutable-index.ts'
import { notInATransaction } from './rules/not-in-a-transaction.ts'
import { partitionBoundWithoutZone } from './rules/partition-bound-without-zone.ts'
import { refreshInTrigger } from './rules/refresh-in-trigger.ts'
import { refreshNeedsUniqueIndex } from './rules/refresh-needs-unique-index.ts'
import { truncateSource } from './rules/truncate-source.ts'
import { unquotedCamelCase } from './rules/unquoted-camel-case.ts'
import { writeToMillrace } from './rules/write-to-millrace.ts'

/** Every rule of Millrace's own: what Squawk cannot know. */
export const RULES: readonly Rule[] = [
  changeUsedColumn,
  changeUsedTable,
  truncateSource,
  bypassTriggers,
  writeToMillrace,
  dropMoney,
  dropByNamePattern,
  indexOnPartitionedTable,
  nonImmutableIndex,
  btreeOnUnboundedValue,
  notInATransaction,
  likeForgetsTriggers,
  partitionBoundWithoutZone,
  refreshInTrigger,
  refreshNeedsUniqueIndex,
  counterInTrigger,
  unquotedCamelCase,
]
