import type { Client } from '../../pg/client.ts'
import { join, literal, sql } from '../../sql/sql.ts'
import type { Step } from '../step.ts'
import type { InstalledObject } from './installed.ts'
import { madeStep } from './steps.ts'

type Recorded = Pick<InstalledObject, 'name' | 'up' | 'down' | 'dependsOn'>

/** A file leaves the object to `millrace migrate up`, which makes it when the read models that it reads stand. */
export function letWait({ name, up, down, dependsOn }: Recorded): string {
  const names = sql`array[${join(dependsOn.map(literal))}]::text[]`
  return sql`insert into millrace.waiting_object (name, up, down, depends_on)
values (${join([literal(name), literal(up), literal(down), names])})
on conflict (name) do update
set up = excluded.up, down = excluded.down, depends_on = excluded.depends_on`.text
}

export function forgetWaiting(name: string): string {
  return sql`delete from millrace.waiting_object where name = ${literal(name)}`.text
}

/** What files have left to be made, in order. */
export async function waitingSteps(client: Client): Promise<readonly Step[]> {
  const [found] = await client.query<{ exists: boolean }>(
    `select to_regclass('millrace.waiting_object') is not null as exists`,
  )
  if (found?.exists !== true) return []
  const waiting = await client.query<Recorded & object>(`
    select name, up, down, depends_on as "dependsOn"
    from millrace.waiting_object
    order by n`)
  return waiting.map((it) => {
    const made = madeStep({ ...it, afterModels: true })
    return { ...made, statements: [...made.statements, forgetWaiting(it.name)] }
  })
}
