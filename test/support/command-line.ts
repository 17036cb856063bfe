import { EventEmitter } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { main } from '../../src/cli/main.ts'
import { atEndOfFile } from './clean-up.ts'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Terminals instead of files. */
  readonly tty?: boolean
  /** What is piped in; a terminal at which nobody types where it is left out. */
  readonly stdin?: string | Uint8Array
  /** Called before the command begins, with what sends a Ctrl-C. */
  readonly onStart?: (interrupt: () => void) => void
  /** Called with what is written to stdout. */
  readonly onResult?: (text: string) => void
  /** Called with every line on stderr, and with what sends a Ctrl-C. */
  readonly onLog?: (line: string, interrupt: () => void) => void
}

/** Runs the command line in this process, with streams and signals of its own. */
export async function millrace(
  args: readonly string[],
  { cwd, env = {}, tty = false, stdin, onStart, onResult, onLog }: RunOptions,
): Promise<Outcome> {
  const signals = new EventEmitter()
  const interrupt = () => signals.emit('SIGINT')
  onStart?.(interrupt)
  const written = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY: tty,
    columns: 100,
    write: (text: string) => {
      written[name] += text
      if (name === 'stderr') onLog?.(text, interrupt)
      else onResult?.(text)
    },
  })
  const exit = (code: number) => {
    throw new Error(`the command ended the process with ${String(code)}`)
  }
  const code = await main(args, {
    cwd,
    env,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    stdin: Object.assign(Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]), {
      isTTY: stdin === undefined,
    }),
    signals,
    exit,
  })
  return { code, ...written }
}

/** What a command printed with --json: exactly one document. */
export function documentOf({ stdout }: Outcome): unknown {
  return JSON.parse(stdout) as unknown
}

const folders: string[] = []
atEndOfFile(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** Makes a folder with these files; it is removed at the end of the test file. */
export async function projectFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-project-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) await writeProjectFile(folder, name, text)
  return folder
}

export async function writeProjectFile(folder: string, name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), text)
}
