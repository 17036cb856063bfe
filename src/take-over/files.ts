import type { Draft } from './draft.ts'
import { declarationText, exportName } from './declaration-text.ts'
import type { Project } from './project.ts'

/** A file to be written: its path in the project, and what is in it. */
export interface DraftFile {
  readonly path: string
  readonly text: string
}

/** The configuration, and one module for each read model. */
export function filesOf(drafts: readonly Draft[], project: Project): readonly DraftFile[] {
  const { language } = project
  const models = drafts.map((draft) => ({
    path: `models/${fileName(draft)}.${language}`,
    text: declarationText(draft),
    draft,
  }))
  return [
    {
      path: `millrace.config.${language}`,
      text: configText(
        models.map(({ path, draft }) => ({ path, draft })),
        project,
      ),
    },
    ...models.map(({ path, text }) => ({ path, text })),
  ]
}

/** `mv_feed_projects` stands in mv-feed-projects.ts; those of other schemas carry its name. */
function fileName({ relation: { schema, name } }: Draft): string {
  const plain = (it: string) => it.replaceAll(/[^a-zA-Z0-9]+/g, '-').toLowerCase()
  return schema === 'public' ? plain(name) : `${plain(schema)}-${plain(name)}`
}

interface Written {
  readonly path: string
  readonly draft: Draft
}

function configText(models: readonly Written[], { language, migrations }: Project): string {
  const module = (path: string) => (language === 'ts' ? `./${path.replace(/\.ts$/, '')}` : `./${path}`)
  const names = models.map(({ path }) => exportName(path.replace(/^models\/|\.\w+$/g, '')))
  return [
    `import { defineConfig } from 'millrace'`,
    ...models.map(({ path }, i) => `import * as ${names[i] ?? ''} from '${module(path)}'`),
    '',
    'export default defineConfig({',
    '  database: process.env.DATABASE_URL,',
    `  migrations: { format: '${migrations.format}', directory: '${migrations.directory}' },`,
    `  define: [${names.join(', ')}],`,
    '})',
    '',
  ].join('\n')
}
