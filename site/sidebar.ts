/** A group of the sidebar, with pages of `docs/` by their names. */
interface Group {
  readonly text: string
  readonly pages: readonly string[]
}

/** Every page of `docs/` stands in one of them: `test/site.test.ts` sees to it. What is under `docs/lint/` is listed by that folder. */
export const GROUPS: readonly Group[] = [
  {
    text: 'Start',
    pages: [
      'getting-started-sql',
      'getting-started-prisma',
      'getting-started-drizzle',
      'getting-started-kysely',
      'getting-started-knex',
    ],
  },
  {
    text: 'Declaring',
    pages: [
      'choosing-a-freshness',
      'supported-queries',
      'models-on-models',
      'leaderboards',
      'ranking-by-decay',
      'refreshing-on-a-schedule',
      'functions-that-read-tables',
      'time-zones-and-settings',
      'row-level-security',
      'sql-objects',
      'taking-over',
    ],
  },
  {
    text: 'Using',
    pages: ['client', 'types', 'reading-your-own-writes', 'live-changes', 'in-your-own-process', 'testing'],
  },
  {
    text: 'Operating',
    pages: ['migrations', 'versions', 'deploying', 'operating', 'metrics', 'debugging-lag'],
  },
  { text: 'Reference', pages: ['cli', 'errors', 'glossary', 'architecture'] },
]
