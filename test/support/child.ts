import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { atEndOfFile } from './clean-up.ts'

export const BIN = fileURLToPath(new URL('../../bin/millrace.js', import.meta.url))

export interface Child {
  readonly pid: number
  /** Everything on stdout so far. */
  stdout(): string
  stderr(): string
  /** Waits until stdout or stderr has this; fails if the process ends before. */
  said(text: string): Promise<void>
  /** As a terminal sends it: to the whole process group. */
  interrupt(): void
  kill(): void
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

export interface ChildOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly account?: { readonly uid: number; readonly gid: number } | undefined
}

const running = new Set<ChildProcess>()
atEndOfFile(() => {
  for (const process of running) process.kill('SIGKILL')
})

/** Starts node with these arguments and nothing of our own environment that would matter to Millrace. */
export function startNode(args: readonly string[], { cwd, env = {}, account }: ChildOptions): Child {
  const { PATH = '', TMPDIR } = process.env
  const process_ = spawn(process.execPath, args, {
    cwd,
    env: { PATH, ...(TMPDIR !== undefined && { TMPDIR }), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  })
  running.add(process_)
  return watch(process_)
}

export function startMillrace(args: readonly string[], options: ChildOptions): Child {
  return startNode([BIN, ...args], options)
}

function watch(process_: ChildProcess): Child {
  const written = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const each of waiting) each()
  }
  for (const name of ['stdout', 'stderr'] as const) {
    process_[name]?.on('data', (data: Buffer) => {
      written[name] += data.toString()
      wake()
    })
  }
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    process_.once('close', (code, signal) => {
      running.delete(process_)
      resolve({ code, signal })
      wake()
    })
  })
  const pid = process_.pid ?? 0
  return {
    pid,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    async said(text) {
      while (!written.stdout.includes(text) && !written.stderr.includes(text)) {
        if (!running.has(process_)) throw new Error(`it ended without "${text}": ${written.stderr}`)
        await new Promise<void>((resolve) => waiting.add(resolve))
      }
    },
    interrupt: () => process.kill(-pid, 'SIGINT'),
    kill: () => process_.kill('SIGKILL'),
    ended,
  }
}
