import { ALL_ISOLATIONS, READ_COMMITTED, SINGLE_STATEMENTS, type Habits } from '../immediate/transactions.ts'
import { replace, type Edit, type Rewrite, type Statement } from './fault.ts'
import type { Plan } from '../../../src/compile/plan.ts'

/** Something that Millrace would do wrong in keeping immediate models, and the smallest world in which it must show. */
export interface ImmediateFault {
  readonly name: string
  readonly models: readonly string[]
  /** Why it can show in these. */
  readonly because: string
  readonly habits: Habits
  readonly hasWorkers?: boolean
  /** Of the worker's looks one begins a rebuild. */
  readonly rebuildOneIn?: number
  /** Shows in a deadlock of single statements, not in a wrong row. */
  readonly isDeadlock?: boolean
  readonly place: ImmediatePlace
}

/** Functions and views are changed in the database, all of those whose names match. */
export type ImmediatePlace =
  | { readonly kind: 'functions'; readonly names: RegExp; readonly change: Edit }
  | { readonly kind: 'strict views'; readonly change: Edit }
  | { readonly kind: 'worker'; readonly rewrite: Rewrite }
  /** One for each of the worker's connections, of the model's plan and of the one that it would have if it were eventual. */
  | { readonly kind: 'eventual twin'; readonly start: (plan: Plan, twin: Plan) => Rewrite }

function inFunctions(names: RegExp, change: Edit): ImmediatePlace {
  return { kind: 'functions', names, change }
}

/** Adds the window's deltas when its units have been recomputed, as a drain of an eventual model adds them before. */
function addsAfterRecompute(plan: Plan, twin: Plan): Rewrite {
  const { fold } = twin.statements
  const add = fold?.add
  if (add == null) throw new Error('the twin does not fold')
  const recomputes = plan.statements.recompute.map((it) => it.sql)
  let bounds: Statement['values'] = []
  let isRecomputed = false
  return (statement) => {
    if (statement.text.startsWith('begin')) bounds = []
    if (statement.text === plan.statements.window) bounds = statement.values
    const late = isRecomputed && bounds.length > 0 ? [{ text: add, values: bounds }] : []
    isRecomputed = recomputes.includes(statement.text)
    return [...late, statement]
  }
}

/** One half of the sessions takes the opposite order. */
const OPPOSITE = (value: string) =>
  `order by case when hashint4(pg_backend_pid()) % 2 = 0 then ${value} end, ${value} desc`

const TAKES_UNIT_LOCKS = /perform pg_advisory_xact_lock\(units\.id\)/g

export const IMMEDIATE_FAULTS: readonly ImmediateFault[] = [
  {
    name: 'a delta is not added in the order of the key',
    models: ['scores'],
    because: 'votes are inserted for many projects at once',
    habits: SINGLE_STATEMENTS,
    isDeadlock: true,
    place: inFunctions(/^capture_votes/, replace('order by changes.u1', OPPOSITE('changes.u1'))),
  },
  {
    name: 'units are not locked in order',
    models: ['conversations'],
    because: 'messages between many users are inserted at once',
    habits: SINGLE_STATEMENTS,
    isDeadlock: true,
    place: inFunctions(
      /^apply_conversations/,
      replace(/(as id\s+from unnest[^;]+?)order by 1\s+\) as units/g, `$1) as units ${OPPOSITE('units.id')}`),
    ),
  },
  {
    name: 'edges are not locked in order',
    models: ['feed'],
    because: 'projects of many users are inserted at once, and users change many at once',
    habits: SINGLE_STATEMENTS,
    isDeadlock: true,
    place: inFunctions(/^apply_feed/, replace(/order by id\s+\) as locks/g, `${OPPOSITE('id')}) as locks`)),
  },
  {
    name: 'edges are locked from far to near',
    models: ['per_country'],
    because: 'users move to other countries while projects of theirs come',
    habits: SINGLE_STATEMENTS,
    isDeadlock: true,
    place: inFunctions(
      /^apply_per_country/,
      replace(
        /(-- edges, 1 away.+?as locks;)(.+?as locks;)/gs,
        'if hashint4(pg_backend_pid()) % 2 = 0 then $1$2 else $2 $1 end if;',
      ),
    ),
  },
  {
    name: 'units are not locked',
    models: ['newest'],
    because: 'two comments on one project come at once, and each transaction sees its own',
    habits: READ_COMMITTED,
    place: inFunctions(/^apply_newest/, replace(TAKES_UNIT_LOCKS, 'perform units.id')),
  },
  {
    name: 'edges are not locked',
    models: ['feed'],
    because: 'a user gets another name while another project of his comes',
    habits: READ_COMMITTED,
    place: inFunctions(
      /^apply_feed/,
      replace(/perform case when locks\.is_exclusive then [^;]+?end\s+from/g, 'perform locks.id from'),
    ),
  },
  {
    name: 'the far side of an edge is locked as the near one is',
    models: ['feed'],
    because: 'a user gets another name while another project of his comes',
    habits: READ_COMMITTED,
    place: inFunctions(/^apply_feed/, replace('when locks.is_exclusive then', 'when false then')),
  },
  {
    name: 'shared locks do not walk outwards',
    models: ['per_country'],
    because: 'a user moves to another country while a project of his gets a vote',
    habits: READ_COMMITTED,
    place: inFunctions(
      /^apply_per_country/,
      replace(/(\njoin [^\n]+)\nwhere ("\w+"\."millrace_sign" > 0)/g, '$1\nwhere false and $2'),
    ),
  },
  {
    name: 'a unit is computed by the statement that locks it',
    models: ['newest'],
    because: 'its snapshot is older than what the lock waited for',
    habits: READ_COMMITTED,
    place: inFunctions(/^(apply|recompute)_newest/, (text) =>
      text.replace(TAKES_UNIT_LOCKS, 'perform units.id').replace(
        /into (\w*computed)\s+from \(/g,
        `into $1 from (select count(pg_advisory_xact_lock(hashtext(unit)::bigint))
             from (select unit from unnest($$1) as unit order by 1) as units) as locked, (`,
      ),
    ),
  },
  {
    name: 'a drain does not lock the writers out',
    models: ['mailbox'],
    because: 'a rebuild brings back a group that goes at the same time',
    rebuildOneIn: 2,
    habits: READ_COMMITTED,
    hasWorkers: true,
    place: {
      kind: 'worker',
      rewrite: (statement) => (/^lock table \S+ in exclusive mode/.test(statement.text) ? [] : [statement]),
    },
  },
  {
    name: 'a delta is added after the recompute that contains it',
    models: ['sales'],
    because: 'a statement with a NaN in it is left to the worker',
    habits: READ_COMMITTED,
    hasWorkers: true,
    place: { kind: 'eventual twin', start: addsAfterRecompute },
  },
  {
    name: 'a strict read passes over what was left to the worker',
    models: ['newest'],
    because: 'writers under REPEATABLE READ leave all that they change',
    habits: ALL_ISOLATIONS,
    hasWorkers: true,
    place: { kind: 'strict views', change: replace('q.deferred or', 'false or') },
  },
  {
    name: 'writers under REPEATABLE READ compute units themselves',
    models: ['newest'],
    because: 'no lock makes their snapshot newer',
    habits: { ...ALL_ISOLATIONS, truncates: false },
    place: inFunctions(
      /^capture_/,
      replace(`current_setting('transaction_isolation') <> 'read committed'`, 'false'),
    ),
  },
  {
    name: 'a group at zero is kept',
    models: ['mailbox'],
    because: 'messages are read, moved and deleted',
    habits: READ_COMMITTED,
    place: inFunctions(/^(capture_messages|apply_mailbox)/, replace('"stored"."n" = 0', 'false')),
  },
  {
    name: 'a group of nulls at zero is kept',
    models: ['sayings'],
    because: 'comments without a text are deleted, moved, or get a text',
    habits: READ_COMMITTED,
    place: inFunctions(
      /^(capture_comments|add_sayings)/,
      replace('where "stored"."body" is null and', 'where false and'),
    ),
  },
  {
    name: `a root's row shows although its filter keeps it out`,
    models: ['scores'],
    because: 'projects are marked as deleted',
    habits: READ_COMMITTED,
    place: inFunctions(
      /^(capture_projects|apply_scores)/,
      replace('coalesce(NOT (p.deleted), false)', 'true'),
    ),
  },
  {
    name: 'a sum with a NaN in it is kept by adding',
    models: ['prices'],
    because: 'a price may be NaN, and then another',
    habits: READ_COMMITTED,
    place: inFunctions(/^(capture_comments|apply_prices)/, replace(`= 'NaN'`, `= 'NaN' and false`)),
  },
]
