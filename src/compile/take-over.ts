import { asideName, strictViewName } from '../sql/names.ts'
import { join, literal, qualified, sql, trusted, type Sql } from '../sql/sql.ts'
import type { Plan, PlanReplaced } from './plan.ts'
import type { RefreshPlan } from './refresh/refresh-plan.ts'

/**
 * The same plan for a read model that takes the place of something: what has its name is set aside in the transaction that gives
 * the name to the model, and is put back in the one that takes it away.
 */
export function takingOver<P extends Plan | RefreshPlan>(plan: P, replaces: PlanReplaced | undefined): P {
  if (replaces === undefined) return plan
  const { expose, conceal } = plan.install
  const [wake, putBack] = returning(plan)
  return {
    ...plan,
    replaces,
    install: {
      ...plan.install,
      expose: [setAside(plan, replaces).text, ...expose, ...inheriting(plan)],
      conceal: [wake.text, ...conceal, putBack.text],
    },
  }
}

/** What makes the model's name where nothing has it. */
export function bareExpose(plan: Plan | RefreshPlan): readonly string[] {
  const { install, replaces } = plan
  if (replaces === undefined) return install.expose
  return install.expose.slice(1, install.expose.length - inheriting(plan).length)
}

function setAside({ model }: Plan | RefreshPlan, { kind, triggers, jobs }: PlanReplaced): Sql {
  const tables = triggers.map(({ table }) => qualified(table).text)
  const names = triggers.map(({ name }) => name)
  return sql`select millrace.set_aside(${join([model.schema, model.name, kind, asideName(model)].map(literal))},
  ${array(tables)}, ${array(names)}, ${array(jobs)})`
}

/** Those who could read it still can; who shall is said otherwise where the readership is declared. */
function inheriting({ model, readableBy }: Plan | RefreshPlan): readonly string[] {
  if (readableBy !== undefined) return []
  return [sql`select millrace.inherit(${literal(model.schema)}, ${literal(model.name)})`.text]
}

function returning({ model, key }: Plan | RefreshPlan): readonly [Sql, Sql] {
  const name = sql`${literal(model.schema)}, ${literal(model.name)}`
  const strict = literal(qualified(strictViewName(model)).text)
  return [
    sql`select millrace.wake(${name}, ${strict}, ${array(key)})`,
    sql`select millrace.put_back(${name})`,
  ]
}

function array(items: readonly string[]): Sql {
  return items.length === 0 ? trusted(`'{}'`) : sql`array[${join(items.map(literal))}]`
}
