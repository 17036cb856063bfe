import { throwProblems } from '../../define/problems.ts'
import { withTransaction, type Client } from '../../pg/client.ts'
import { withInstallLock } from '../install-lock.ts'
import { LOCK_RETRY } from '../lock-retry.ts'
import type { Step } from '../step.ts'
import { extensionProblems, extensionSteps, readExtensions } from './extensions.ts'
import { readSettings, settingSteps, type WantedSetting } from './settings.ts'

/** What a configuration wants of the server. */
export interface ServerWishes {
  readonly extensions: readonly string[]
  readonly settings: Readonly<Record<string, string>>
}

export interface ServerChanges {
  readonly steps: readonly Step[]
  /** What only somebody else can do, or only with a restart. */
  readonly asked: readonly AskedSetting[]
  /** Settings that whoever owns a database may set there, as this one has them or not. */
  readonly owners: Readonly<Record<string, string>>
}

export type AskedSetting = Extract<WantedSetting, { readonly state: 'to be asked for' }>

/** Compares what is wanted with what the server has. An extension that cannot be had is an error, for read models may need it. */
export async function findServerChanges(
  client: Client,
  { extensions, settings }: ServerWishes,
): Promise<ServerChanges> {
  const found = await readExtensions(client, extensions)
  throwProblems(extensionProblems(found))
  const wanted = await readSettings(client, settings)
  return {
    steps: [...extensionSteps(found), ...settingSteps(wanted)],
    asked: wanted.flatMap((it) => (it.state === 'to be asked for' ? [it] : [])),
    owners: Object.fromEntries(wanted.filter((it) => it.isOwners).map(({ name, value }) => [name, value])),
  }
}

/** Statements that make the missing extensions, for the moment in which the server is asked what a query means. */
export function extensionsOf({ steps }: ServerChanges): readonly string[] {
  return steps.flatMap(({ about, statements }) => (about.startsWith('extension ') ? statements : []))
}

/** Each in a transaction of its own; what has been done is not to be done again. */
export async function runServerSteps(
  client: Client,
  steps: readonly Step[],
  signal?: AbortSignal,
): Promise<void> {
  if (steps.length === 0) return
  // Two at once would change one row of the catalog, and the server refuses the second.
  await withInstallLock(client, { ...LOCK_RETRY, signal }, async () => {
    for (const { statements } of steps) {
      await withTransaction(client, {}, async () => {
        for (const statement of statements) await client.query(statement)
      })
    }
  })
}
