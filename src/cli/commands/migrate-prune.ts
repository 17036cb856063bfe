import { Command } from 'commander'
import { dropSetAside } from '../../migrate/drop-set-aside.ts'
import { LOCK_RETRY } from '../../migrate/lock-retry.ts'
import { prune } from '../../migrate/prune.ts'
import { displayName } from '../../sql/names.ts'
import { inUse } from '../../work/model.ts'
import { installedVersions, pickModel } from '../installed-models.ts'
import { withOwner } from '../open-database.ts'
import type { Run } from '../session.ts'
import type { Style } from '../style.ts'

/** `millrace migrate prune`: versions that nobody reads. */
export function pruneCommand(run: Run): Command {
  return new Command('prune')
    .description(
      'Removes the versions of read models that are not in use: there is no way back to them then.',
    )
    .argument('[model...]', 'their names; all of them if none is given')
    .option('--set-aside', 'also drop what read models have taken the place of, with its disabled triggers')
    .addHelpText('after', '\nExample:\n  millrace migrate prune feed_projects')
    .action((names: readonly string[], { setAside = false }: { readonly setAside?: boolean }) =>
      run('migrate prune', async (session) => {
        const config = await session.loadConfig()
        const outcome = await withOwner(session, config, async (client): Promise<Pruned> => {
          const versions = await installedVersions(client)
          const used = inUse(versions)
          const picked = names.map((name) => pickModel(used, name))
          const isMeant = (it: Parameters<typeof displayName>[0]) =>
            names.length === 0 || picked.some((one) => displayName(one) === displayName(it))
          const { signal } = session
          const gone = await prune(
            client,
            versions.filter((it) => !used.includes(it) && isMeant(it)),
            { signal },
          )
          const dropped = setAside ? await dropSetAside(client, isMeant, { ...LOCK_RETRY, signal }) : []
          return {
            pruned: gone.map((it) => ({ model: displayName(it), version: it.plan.version })),
            dropped: dropped.map(({ kind, schema, aside }) => ({
              kind,
              name: displayName({ schema, name: aside }),
            })),
          }
        })
        session.output.result(outcome, render)
        return 0
      }),
    )
}

interface Pruned {
  readonly pruned: readonly { readonly model: string; readonly version: number }[]
  /** What read models had taken the place of. */
  readonly dropped: readonly { readonly kind: string; readonly name: string }[]
}

function render({ pruned, dropped }: Pruned, style: Style): string {
  if (pruned.length + dropped.length === 0) return 'Nothing to do: every version is in use.'
  return [
    ...pruned.map(({ model, version }) => `${style.good('pruned')}  ${model}, version ${String(version)}`),
    ...dropped.map(({ kind, name }) => `${style.good('dropped')}  ${kind} ${name}`),
  ].join('\n')
}
