import { Command } from 'commander'
import { MillraceError } from '../../errors.ts'
import type { Client, Connection } from '../../pg/client.ts'
import type { InstalledModel } from '../../work/model.ts'
import { rebuildAll, type Rebuilt } from '../../work/rebuild.ts'
import type { RefreshedModel } from '../../work/schedule/installed.ts'
import { runWhenFree } from '../../work/schedule/run-when-free.ts'
import { pickModels } from '../installed-scheduled.ts'
import { withOwner } from '../open-database.ts'
import { counted } from '../progress.ts'
import type { Run, Session } from '../session.ts'
import type { Style } from '../style.ts'

interface Options {
  readonly all?: boolean
  readonly anew?: boolean
}

type Outcome =
  | (Rebuilt & { readonly model: string })
  | { readonly model: string; readonly refreshed: true; readonly rowsChanged: number }

/** `millrace rebuild`: exit code 1 if units had to be set aside. */
export function rebuildCommand(run: Run): Command {
  return new Command('rebuild')
    .description('Builds the stored rows of read models anew while writers and readers run.')
    .argument('[model...]', 'their names')
    .option('--all', 'all read models: after a dump was restored')
    .option('--anew', 'begin again, where an earlier rebuild was interrupted')
    .addHelpText('after', '\nExample:\n  millrace rebuild feed_projects')
    .action((names: readonly string[], options: Options) =>
      run('rebuild', async (session) => {
        requireModels(names, options)
        const config = await session.loadConfig()
        const models = await withOwner(session, config, async (client) => {
          const picked = await pickModels(client, names)
          const kept = await rebuildModels(session, client, picked.models, options)
          return [...kept, ...(await refreshModels(session, client, picked.refreshed))]
        })
        session.output.result({ models }, (it, style) =>
          it.models.map((model) => renderModel(model, style)).join('\n'),
        )
        return models.every((it) => 'refreshed' in it || it.failed === 0) ? 0 : 1
      }),
    )
}

/** To rebuild everything by a forgotten name would be dear. */
function requireModels(names: readonly string[], { all = false }: Options): void {
  if (all !== names.length > 0) return
  throw new MillraceError('BAD_USAGE', {
    detail: all ? '--all and the names of read models exclude each other' : 'no read model is named',
    hint: 'Write: millrace rebuild feed_projects, or: millrace rebuild --all',
  })
}

async function rebuildModels(
  { signal, output }: Session,
  client: Client,
  models: readonly InstalledModel[],
  { anew }: Options,
): Promise<readonly Outcome[]> {
  const rebuilt = await rebuildAll(client, models, {
    signal,
    anew,
    onProgress: ({ name }, done, total) => {
      output.progress.update(name, done, total)
    },
  })
  return rebuilt.map(({ model, ...it }) => ({ model: `${model.schema}.${model.name}`, ...it }))
}

/** A model that is refreshed on a schedule is refreshed now. */
async function refreshModels(
  { signal }: Session,
  client: Connection,
  refreshed: readonly RefreshedModel[],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { name, model } of refreshed) {
    const { rowsChanged } = await runWhenFree(client, name, { cause: 'request', signal })
    outcomes.push({ model: `${model.schema}.${model.name}`, refreshed: true, rowsChanged })
  }
  return outcomes
}

function renderModel(outcome: Outcome, style: Style): string {
  if ('refreshed' in outcome) {
    return `${style.good('refreshed')}  ${outcome.model}: ${counted(outcome.rowsChanged, 'row')} changed`
  }
  const { model, continued, units, rowsChanged, failed } = outcome
  const how = continued ? ', gone on with where it was interrupted' : ''
  const done = `${model}: ${counted(units, 'unit')}, ${counted(rowsChanged, 'row')} changed${how}`
  if (failed === 0) return `${style.good('rebuilt')}  ${done}`
  return `${style.error('rebuilt')}  ${done}, ${counted(failed, 'unit')} set aside: millrace doctor shows their errors`
}
