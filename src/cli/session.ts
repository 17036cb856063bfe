import type { LoadOptions } from '../define/load-config.ts'
import type { Config } from '../define/resolve-config.ts'
import type { Output } from './output.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a command is given to work with. */
export interface Session {
  /** `migrate up` */
  readonly command: string
  readonly cwd: string
  readonly env: Environment
  readonly output: Output
  /** Aborted by Ctrl-C and `kill`. */
  readonly signal: AbortSignal
  /** `anew`: its files may have changed since it was loaded. */
  loadConfig(how?: Pick<LoadOptions, 'anew'>): Promise<Config>
  /** --config was given: then there must be one. */
  readonly isConfigNamed: boolean
  readonly stdin: Input
}

/** What is piped in: bytes, or a person at a terminal who has piped nothing. */
export type Input = AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined }

/** What a command of the command line comes to. `changes`: plan found something to do. */
export type ExitCode = 0 | 1 | 2 | 130

/** Runs one command in a session of its own. */
export type Run = (command: string, work: (session: Session) => Promise<ExitCode>) => Promise<void>
