import { MillraceError } from '../../errors.ts'
import type { Client } from '../../pg/client.ts'
import { ident, sql } from '../../sql/sql.ts'
import { step, type Step } from '../step.ts'
import { READ_EXTENSIONS } from './server.sql.ts'

/** A wanted extension, and what the server says of it. */
export interface WantedExtension {
  readonly name: string
  readonly isInstalled: boolean
  readonly isAvailable: boolean
  /** This role may make it: it is a superuser or stands for one, or the extension is trusted and the role may create. */
  readonly mayCreate: boolean
  /** What a managed server lets its users have, as its setting says; null where there is no such list. */
  readonly allowed: string | null
}

export async function readExtensions(
  client: Client,
  names: readonly string[],
): Promise<readonly WantedExtension[]> {
  if (names.length === 0) return []
  return await client.query<WantedExtension & object>(READ_EXTENSIONS, [names])
}

/** One step for each that is missing. They stay when Millrace goes: somebody else may use them by then. */
export function extensionSteps(extensions: readonly WantedExtension[]): readonly Step[] {
  return missing(extensions).map(({ name }) => extensionStep(name))
}

export function extensionStep(name: string): Step {
  return step({
    about: `extension ${name}`,
    describe: 'make it; it stays when read models go, for others may use it by then',
    statements: [sql`create extension if not exists ${ident(name)}`.text],
    inverse: [],
  })
}

/** Why some cannot be had. Nothing else should be done then: read models may need them. */
export function extensionProblems(extensions: readonly WantedExtension[]): readonly MillraceError[] {
  return missing(extensions).flatMap(
    ({ name, isAvailable, mayCreate, allowed }): readonly MillraceError[] => {
      const list = (allowed ?? '').split(',').map((it) => it.trim().toLowerCase())
      if (allowed !== null && !list.includes(name.toLowerCase())) {
        const hint = `Add it to the list of the server's provider, which is: ${allowed}.`
        return [
          new MillraceError('EXTENSION_NOT_ALLOWED', { detail: `${name} is not on the server's list`, hint }),
        ]
      }
      if (!isAvailable) {
        const hint = `Install its package on the server, or write another name: select name from pg_available_extensions.`
        return [new MillraceError('EXTENSION_UNAVAILABLE', { detail: name, hint })]
      }
      if (mayCreate) return []
      return [
        new MillraceError('EXTENSION_NOT_ALLOWED', {
          detail: `${name} is for a superuser to make`,
          hint: `Let one run: ${sql`create extension ${ident(name)}`.text}`,
        }),
      ]
    },
  )
}

function missing(extensions: readonly WantedExtension[]): readonly WantedExtension[] {
  return extensions.filter(({ isInstalled }) => !isInstalled)
}
