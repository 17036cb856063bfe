import { Command } from 'commander'
import type { Config } from '../../define/resolve-config.ts'
import { describeRefreshed, type RefreshedDescription } from '../../explain/describe-refreshed.ts'
import { describe, type Description } from '../../explain/description.ts'
import { judgeImmediate } from '../../explain/judge-immediate.ts'
import { readFacts } from '../../explain/read-facts.ts'
import { compileModel, readerOf, understand } from '../../migrate/compile-model.ts'
import type { Client } from '../../pg/client.ts'
import { section, table } from '../description/layout.ts'
import { renderDescription } from '../description/render-description.ts'
import { renderRefreshed } from '../description/render-refreshed.ts'
import { pickModel } from '../installed-models.ts'
import { withDatabase } from '../open-database.ts'
import type { Run, Session } from '../session.ts'
import type { Style } from '../style.ts'

interface Options {
  readonly sql?: boolean
  readonly measure?: boolean
}

/** `millrace explain`: how a declared model would be kept, or is, if it is installed as declared. */
export function explainCommand(run: Run): Command {
  return new Command('explain')
    .description('Shows of a read model what each change costs, its paths, strategies and SQL, and why.')
    .argument('<model>', 'its name')
    .option('--sql', 'show every statement too')
    .option('--measure', 'run the statements too, and tell how long they take')
    .addHelpText('after', '\nExample:\n  millrace explain feed_projects --sql')
    .action((name: string, { sql = false, measure }: Options) =>
      run('explain', async (session) => {
        const config = await session.loadConfig()
        const definition = pickModel([...config.models, ...config.refreshed], name)
        const model = `${definition.schema}.${definition.name}`
        const explained = await withDatabase(session, config, async (client): Promise<Explained> => {
          const description = await explain(client, definition, config, { measure, signal: session.signal })
          return { model, file: definition.file ?? null, ...description }
        })
        session.output.result(explained, (it, style) => render(it, style, sql))
        return 0
      }),
    )
}

type Explained = { readonly model: string; readonly file: string | null } & (
  Description | RefreshedDescription
)

async function explain(
  client: Client,
  definition: Config['models'][number] | Config['refreshed'][number],
  { searchPath }: Config,
  options: { readonly measure: boolean | undefined; readonly signal: Session['signal'] },
): Promise<Description | RefreshedDescription> {
  if ('schedule' in definition) return await describeRefreshed(client, definition, { searchPath })
  const { plan } = await compileModel(client, definition, { searchPath })
  const { query } = await understand(client, definition, { searchPath }, readerOf(definition))
  return describe(
    plan,
    await readFacts(client, plan, judgeImmediate(query, definition.key, definition), options),
  )
}

function render(explained: Explained, style: Style, withSql: boolean): string {
  const { model, key } = explained
  const parts =
    'unit' in explained
      ? [
          section(model, style, [
            ...table([
              ['key', key.join(', ')],
              ['unit', `${explained.unit.columns.join(', ')}, ${explained.unit.because}`],
              ['freshness', explained.freshness],
            ]),
          ]),
          ...renderDescription(explained, style, { withSql, withQuery: true }),
        ]
      : [
          section(model, style, [
            ...table([
              ['key', key.join(', ')],
              ['freshness', scheduled(explained)],
            ]),
          ]),
          ...renderRefreshed(explained, style, withSql),
        ]
  return parts.join('\n').trimEnd()
}

function scheduled({ freshness: { every, timeZone } }: RefreshedDescription): string {
  return `every ${every}, by the clock of ${timeZone}`
}
