import { join, literal, sql, trusted } from '../../sql/sql.ts'
import { extensionStep } from '../server/extensions.ts'
import type { ServerWishes } from '../server/server.ts'
import { valuesOf } from '../server/setting-value.ts'
import { step, type Step } from '../step.ts'

/**
 * What a migration does of what is wanted of the server, in whichever database it is run. Undone, it leaves what it has made:
 * others may use that by then.
 */
export function serverSteps(from: ServerWishes, to: ServerWishes): readonly Step[] {
  const extensions = to.extensions.filter((it) => !from.extensions.includes(it))
  const settings = Object.entries(to.settings).filter(([name, value]) => from.settings[name] !== value)
  return [...extensions.map(extensionStep), ...settings.map(([name, value]) => settingStep(name, value))]
}

/** ALTER DATABASE takes a name and no expression. */
function settingStep(name: string, value: string): Step {
  const values = valuesOf(name, value).map(literal)
  const places = trusted(values.map(() => '%L').join(', '))
  const body = sql`
begin
  execute format('alter database %I set %I = ${places}', current_database(), ${join([literal(name), ...values])});
end`.text
  return step({
    about: `setting ${name}`,
    describe: `set it to ${value} for this database: sessions that begin later have it; it stays when this is undone`,
    statements: [body.includes('$set$') ? sql`do ${literal(body)}`.text : `do $set$${body}\n$set$`],
    inverse: [],
  })
}
