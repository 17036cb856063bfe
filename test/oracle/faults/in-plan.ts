import type { Plan, PlanStatements } from '../../../src/compile/plan.ts'
import { ident } from '../../../src/sql/sql.ts'
import { edited, type Edit, type Place } from './fault.ts'

/** Parts of a plan that hold SQL, by what they are for. */
type Part = 'window' | 'resolve' | 'recompute' | 'strict'

/** Edits these parts of a plan; there must be something to edit in each. */
export function inPlan(parts: readonly Part[], edit: Edit): Place {
  return {
    kind: 'plan',
    change: (plan) => parts.reduce((changed, part) => EDITORS[part](changed, edit), plan),
  }
}

type StatementName = 'spill' | 'fold' | 'firsts'

/** Edits the one statement that spills into the pending table, or that adds deltas; or each that compares first rows. */
export function inStatement(name: StatementName, edit: Edit): Place {
  return {
    kind: 'plan',
    change: (plan) => withStatements(plan, changedStatement(plan.statements, name, edit)),
  }
}

function changedStatement(
  { spill, fold }: PlanStatements,
  name: StatementName,
  edit: Edit,
): Partial<PlanStatements> {
  if (name === 'spill') return { spill: edited(spill, edit) }
  if (fold === null) throw new Error('nothing folds')
  if (name === 'firsts') {
    return { fold: { ...fold, firsts: (fold.firsts ?? []).map((it) => edited(it, edit)) } }
  }
  return { fold: { ...fold, add: edited(fold.add ?? '', edit) } }
}

const EDITORS: Readonly<Record<Part, (plan: Plan, edit: Edit) => Plan>> = {
  window: (plan, edit) => withStatements(plan, { window: edited(plan.statements.window, edit) }),
  resolve: (plan, edit) =>
    withStatements(plan, {
      resolve: edited(plan.statements.resolve, edit),
      spill: edited(plan.statements.spill, edit),
    }),
  recompute: (plan, edit) =>
    withStatements(plan, {
      recompute: plan.statements.recompute.map((it) => ({ ...it, sql: edited(it.sql, edit) })),
    }),
  strict: editStrict,
}

/** A strict read has two forms: the view, and the parts of a page, of which some need not change. */
function editStrict(plan: Plan, edit: Edit): Plan {
  const { with: shared, stored, live, blind } = plan.statements.strict
  const strict = { with: edit(shared), stored: edit(stored), live: edit(live), blind: edit(blind) }
  if (JSON.stringify(strict) === JSON.stringify(plan.statements.strict)) {
    throw new Error(`the fault changes nothing in:\n${shared}`)
  }
  const name = `create or replace view ${ident(plan.model.schema, plan.model.name).text} `
  const expose = plan.install.expose.map((it) => (isView(it) && !it.startsWith(name) ? edited(it, edit) : it))
  return { ...withStatements(plan, { strict }), install: { ...plan.install, expose } }
}

function isView(statement: string): boolean {
  return statement.startsWith('create or replace view')
}

function withStatements(plan: Plan, changed: Partial<PlanStatements>): Plan {
  return { ...plan, statements: { ...plan.statements, ...changed } }
}
