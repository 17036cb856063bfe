import type { PlanModel, RelationName } from '../../compile/plan.ts'
import { join, literal, sql } from '../../sql/sql.ts'

interface Recorded {
  readonly definition: { readonly query: string }
  readonly plan: {
    readonly model: RelationName
    readonly storage: RelationName
    readonly models?: readonly PlanModel[]
  }
}

/** Notes a read model as one that is being built: `millrace migrate up` fills it, and gives it its name. */
export function recordModel({ definition, plan }: Recorded): string {
  const { storage, model } = plan
  const values = [storage.name, model.schema, model.name, definition.query, JSON.stringify(plan)]
  return sql`insert into millrace.model (storage, schema_name, name, definition, plan)
values (${join(
    values.map((it) => literal(it)),
    ',\n  ',
  )})
on conflict (storage) do update
set definition = excluded.definition, plan = excluded.plan, state = 'building'`.text
}

export function forgetModel({ storage }: { readonly storage: RelationName }): readonly string[] {
  const name = literal(storage.name)
  return [
    sql`delete from millrace.watermark where model = ${name}`.text,
    sql`delete from millrace.refresh_log where model = ${name}`.text,
    sql`delete from millrace.model where storage = ${name}`.text,
  ]
}
