import { namesOf } from '../../analyze/ast/nodes.ts'
import type { Client } from '../../pg/client.ts'
import { parseStatements, type Node } from '../../sql/parse.ts'
import type { ObjectChange } from './changes.ts'
import type { PlacedObject } from './order.ts'

/** `$1` names of functions → the read models in use whose query calls one of them: `{ model: 'public.pages', function: 'slug' }`. */
const CALLERS = `
  select distinct m.schema_name || '.' || m.name as model, p.proname as function
  from millrace.model as m
  cross join lateral unnest(millrace.names_of(m)) as own
  join pg_rewrite as r on r.ev_class = own
  join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_proc'::regclass
  join pg_proc as p on p.oid = d.refobjid
  where m.state = 'ready' and p.proname = any ($1::text[])
  order by 1`

/**
 * Of objects that are made anew, by their names: the read models that call what they make, or what an object makes that depends on
 * them. Their rows have what was computed before, and nothing tells that it would be otherwise now.
 */
export async function findCallers(
  client: Client,
  changes: readonly ObjectChange[],
  declared: readonly PlacedObject[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const changed = changes.flatMap((it) => (it.kind === 'update' || it.kind === 'replace' ? [it.object] : []))
  const made = changed.map((it) => ({
    name: it.name,
    functions: withUsers(it, declared).flatMap(functionsMade),
  }))
  const rows = await client.query<{ model: string; function: string }>(CALLERS, [
    made.flatMap(({ functions }) => functions),
  ])
  const callers = made.map(({ name, functions }): [string, readonly string[]] => {
    const models = rows.filter((it) => functions.includes(it.function)).map(({ model }) => model)
    return [name, [...new Set(models)]]
  })
  return new Map(callers.filter(([, models]) => models.length > 0))
}

function withUsers(object: PlacedObject, declared: readonly PlacedObject[]): readonly PlacedObject[] {
  const found = [object]
  // They stand after what they depend on.
  for (const it of declared)
    if (!found.includes(it) && it.dependsOn.some((name) => found.some((other) => other.name === name)))
      found.push(it)
  return found
}

function functionsMade({ up }: PlacedObject): readonly string[] {
  const outcome = parseStatements(up)
  return outcome.kind === 'problem' ? [] : outcome.statements.flatMap(functionMade)
}

function functionMade(node: Node): readonly string[] {
  return 'CreateFunctionStmt' in node ? namesOf(node.CreateFunctionStmt.funcname).slice(-1) : []
}
