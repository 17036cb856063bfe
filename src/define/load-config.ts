import { createJiti, type Jiti } from 'jiti'
import { MillraceError } from '../errors.ts'
import { findConfig } from './find-config.ts'
import { isRecord } from './is-record.ts'
import { resolveConfig, type Config } from './resolve-config.ts'
import { moduleError } from './module-error.ts'

export interface LoadOptions {
  /** Where the search begins. */
  readonly cwd: string
  /** The path given with --config. */
  readonly named?: string | undefined
  /**
   * What `import … from 'millrace'` gives in the configuration: our own public module, so that there is one copy of it
   * and a configuration works in any folder. It is passed in because it stands above this stage. Absent: what the configuration
   * finds by itself, as the process that asks for it does.
   */
  readonly millrace?: object | undefined
  /** The same for `import … from 'millrace/client'`. */
  readonly client?: object | undefined
  /**
   * The files may have changed since this process loaded them: Node itself runs ES modules in JavaScript, and keeps them for ever, so
   * they are run in another way. Of those in JavaScript it knows none that awaits at its top.
   */
  readonly anew?: boolean | undefined
}

/** Finds a configuration, runs it, TypeScript or not, and checks what it exports. */
export async function loadConfig({ cwd, named, ...modules }: LoadOptions): Promise<Config> {
  const file = findConfig(cwd, named)
  const exported = await loadModule(file, modules)
  if (!isRecord(exported) || !('default' in exported)) {
    throw new MillraceError('BAD_CONFIG', {
      detail: 'there is no default export',
      hint: 'Write: export default defineConfig({ define: [models] })',
      file,
    })
  }
  return await resolveConfig(exported['default'], file)
}

/** Runs a module that a user wrote, and gives its exports. */
export async function loadModule(
  file: string,
  { millrace, client, anew }: Pick<LoadOptions, 'millrace' | 'client' | 'anew'>,
): Promise<unknown> {
  const jiti = createJiti(file, {
    virtualModules: {
      ...(millrace !== undefined && { millrace: { ...millrace } }),
      ...(client !== undefined && { 'millrace/client': { ...client } }),
    },
    // A file may have changed since this process last read it, and a stale cache on disk is worse than 20 ms.
    moduleCache: false,
    fsCache: false,
    interopDefault: false,
  })
  try {
    return anew === true ? await runAnew(jiti, file) : await jiti.import(file)
  } catch (error) {
    throw moduleError(error, file)
  }
}

/** A module that awaits at its top can only be imported: what is written in TypeScript is read anew then too. */
async function runAnew(jiti: Jiti, file: string): Promise<unknown> {
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- what it recommends is what lets Node keep the modules
    return jiti(file)
  } catch (error) {
    // What Node says of it depends on where the word stands; what is wrong otherwise is found again.
    if (!(error instanceof SyntaxError)) throw error
    return await jiti.import(file)
  }
}
