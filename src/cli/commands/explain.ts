import { Command } from 'commander'
import { canonicalize } from '../../catalog/canonicalize.ts'
import { describe, type Description } from '../../explain/description.ts'
import { judgeImmediate } from '../../explain/judge-immediate.ts'
import { readFacts } from '../../explain/read-facts.ts'
import { compileModel } from '../../migrate/compile-model.ts'
import { section } from '../description/layout.ts'
import { renderDescription } from '../description/render-description.ts'
import { pickModel } from '../installed-models.ts'
import { withDatabase } from '../open-database.ts'
import type { Run } from '../session.ts'
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
        const definition = pickModel(config.models, name)
        const explained = await withDatabase(session, config, async (client): Promise<Explained> => {
          const { searchPath } = config
          const { plan } = await compileModel(client, definition, searchPath)
          const query = await canonicalize(client, definition.query, { searchPath })
          const immediate = judgeImmediate(query, definition.key)
          const facts = await readFacts(client, plan, immediate, { measure, signal: session.signal })
          const model = `${definition.schema}.${definition.name}`
          return { model, file: definition.file ?? null, ...describe(plan, facts) }
        })
        session.output.result(explained, (it, style) => render(it, style, sql))
        return 0
      }),
    )
}

interface Explained extends Description {
  readonly model: string
  readonly file: string | null
}

function render(explained: Explained, style: Style, withSql: boolean): string {
  const { model, key, unit, freshness } = explained
  return [
    section(model, style, [
      `key        ${key.join(', ')}`,
      `unit       ${unit.columns.join(', ')}, ${unit.because}`,
      `freshness  ${freshness}`,
    ]),
    ...renderDescription(explained, style, { withSql, withQuery: true }),
  ]
    .join('\n')
    .trimEnd()
}
