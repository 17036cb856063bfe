import { Command } from 'commander'
import type { Plan, PlanPath, RelationName } from '../../compile/plan.ts'
import { neededIndexes, type NeededIndex } from '../../doctor/needed-indexes.ts'
import { writeCost, type WriteCost } from '../../doctor/write-cost.ts'
import { compileModel } from '../../migrate/compile-model.ts'
import { pickModel } from '../installed-models.ts'
import { withDatabase } from '../open-database.ts'
import type { Run } from '../session.ts'
import type { Style } from '../style.ts'

/** `millrace explain`: how a declared model would be kept, or is, if it is installed as declared. */
export function explainCommand(run: Run): Command {
  return new Command('explain')
    .description('Shows the sources, paths, strategies and SQL of a read model, and why.')
    .argument('<model>', 'its name')
    .option('--sql', 'show every statement too')
    .addHelpText('after', '\nExample:\n  millrace explain feed_projects --sql')
    .action((name: string, { sql = false }: { readonly sql?: boolean }) =>
      run('explain', async (session) => {
        const config = await session.loadConfig()
        const definition = pickModel(config.models, name)
        const explained = await withDatabase(session, config, async (client) => {
          const { plan } = await compileModel(client, definition, config.searchPath)
          return {
            file: definition.file ?? null,
            plan,
            writers: (await writeCost(client, plan)) ?? null,
            indexes: await neededIndexes(client, plan),
          }
        })
        session.output.result(explained, (it, style) => renderPlan(it, style, sql))
        return 0
      }),
    )
}

interface Explained {
  readonly plan: Plan
  readonly writers: WriteCost | null
  readonly indexes: readonly NeededIndex[]
}

function renderPlan({ plan, writers, indexes }: Explained, style: Style, withSql: boolean): string {
  const unit = plan.unit.map((it) => it.name)
  return [
    section(nameOf(plan.model), style, [
      `key   ${plan.key.join(', ')}`,
      `unit  ${unit.join(', ')}${unit.length < plan.key.length ? '  (rows that share it are recomputed together)' : ''}`,
    ]),
    section('writers', style, writers === null ? ['queue what they change'] : renderWriters(writers)),
    section(
      'sources',
      style,
      plan.sources.map((it) => `${nameOf(it.relation)}  ${interests(it)}`),
    ),
    section(
      'paths',
      style,
      plan.paths.map((it) => renderPath(it, unit)),
    ),
    section(
      'indexes',
      style,
      indexes.map((it) => renderIndex(it, style)),
    ),
    section('columns', style, renderFolds(plan)),
    section('query', style, plan.query.split('\n')),
    ...(withSql ? statementsOf(plan).map(([name, sql]) => section(name, style, sql.split('\n'))) : []),
  ].join('\n')
}

function section(title: string, style: Style, lines: readonly string[]): string {
  return [style.strong(title), ...lines.map((it) => `  ${it}`), ''].join('\n')
}

function renderWriters({
  kind,
  because,
  onError,
  locks,
  statements,
  measured,
}: WriteCost): readonly string[] {
  const how =
    kind === 'fold'
      ? `fold: each of their statements adds what it changes, by ${String(statements)} statements at most`
      : `recompute, when they commit, by ${String(statements)} statements: ${because ?? ''}`
  return [
    how,
    ...locks.map((it, i) => `${i === 0 ? 'locked until they end:' : '                 then:'} ${it}`),
    onError === 'fail'
      ? 'where a row cannot be computed the write fails'
      : 'where a row cannot be computed the write goes through, and the row waits',
    measured === null
      ? 'time of one row: measured when it is installed and has rows'
      : `time of one row ${kind === 'fold' ? 'written' : 'computed'}: ${measured.medianMs.toFixed(2)} ms (median of ${String(measured.rows)})`,
  ]
}

function interests({ captured, interests: all }: Plan['sources'][number]): string {
  const columns = [...new Set(all.flatMap((it) => it.columns.map(({ name }) => name)))]
  const filters = all.flatMap(({ filter }) => (filter === null ? [] : [filter.new]))
  const isFiltered = filters.length === all.length && filters.length > 0
  return [
    `captures ${captured.map((it) => it.column).join(', ') || 'nothing but that it changed'}`,
    `an update counts if one of ${columns.join(', ')} changes`,
    ...(isFiltered ? [`a row counts if ${filters.join(' or ')}`] : []),
  ].join('; ')
}

function renderPath({ source, alias, kind, strategy, hops }: PlanPath, unit: readonly string[]): string {
  const way = hops.map(({ relation, columns }) => `${nameOf(relation)} (${columns.join(', ')})`)
  const count =
    kind === 'direct' ? 'direct' : `indirect, ${String(hops.length)} ${hops.length === 1 ? 'hop' : 'hops'}`
  return `${[`${nameOf(source)} ${alias}`, ...way, unit.join(', ')].join(' → ')}  ${count}, ${strategy}`
}

function renderIndex({ relation, columns, existing, statement }: NeededIndex, style: Style): string {
  const what = `${nameOf(relation)} (${columns.join(', ')})`
  if (existing !== null) return `${style.good('there')}    ${what}  ${existing}`
  return `${style.warning('missing')}  ${what}  ${statement ?? ''}`
}

/** Every column, and how it is kept. */
function renderFolds({ folds, columns }: Plan): readonly string[] {
  return columns
    .filter(({ hidden }) => !hidden)
    .map(({ name, type }) => {
      const fold = folds.find((it) => it.column === name)
      if (fold === undefined) return `${name}  ${type}  recompute`
      return `${name}  ${type}  ${fold.foldable ? 'fold' : 'recompute'}: ${fold.because}`
    })
}

function statementsOf({ statements, paths, install }: Plan): readonly (readonly [string, string])[] {
  const { window, resolve, recompute, fold, compare } = statements
  return [
    ...paths.map((it) => [`path from ${nameOf(it.source)} ${it.alias}`, it.sql] as const),
    ['window', window],
    ['resolve', resolve],
    ...(fold === null ? [] : [['fold', fold.add] as const]),
    ...recompute.map(({ sql }) => ['recompute', sql] as const),
    ['compare', compare],
    ...install.functions.up.map((text) => ['writers', text] as const),
  ]
}

function nameOf({ schema, name }: RelationName): string {
  return `${schema}.${name}`
}
