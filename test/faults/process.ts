import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { atEndOfFile } from '../support/clean-up.ts'
import { WAIT_MS } from '../support/patience.ts'

const JITI = fileURLToPath(new URL('../../node_modules/.bin/jiti', import.meta.url))

export type Program = 'millrace' | 'rotation'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of its own, from the sources and not from a build that may be old. */
export interface Process {
  readonly ended: Promise<Ended>
  /** Resolves when it has written this to stderr; with false if it ended without, or the time is over. */
  says(text: string): Promise<boolean>
  signal(name: NodeJS.Signals): void
  /** Ends it, whatever it does. */
  kill(): Promise<Ended>
}

const running = new Set<Process>()
atEndOfFile(async () => {
  for (const process of running) await process.kill()
})

export function startProcess(
  program: Program,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Process {
  const script = fileURLToPath(new URL(`${program}.ts`, import.meta.url))
  const child = spawn(process.execPath, [JITI, script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  const watching = new Set<() => void>()
  const wake = () => {
    for (const look of watching) look()
  }
  child.stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk.toString()
    wake()
  })
  let hasEnded = false
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      hasEnded = true
      running.delete(started)
      wake()
      resolve({ code, signal, ...written })
    })
  })

  const started: Process = {
    ended,
    says: (text) =>
      new Promise((resolve) => {
        const settle = (outcome: boolean) => {
          clearTimeout(timer)
          watching.delete(look)
          resolve(outcome)
        }
        const look = () => {
          if (written.stderr.includes(text)) settle(true)
          else if (hasEnded) settle(false)
        }
        const timer = setTimeout(() => {
          settle(false)
        }, WAIT_MS)
        watching.add(look)
        look()
      }),
    signal: (name) => child.kill(name),
    async kill() {
      child.kill('SIGKILL')
      return await ended
    },
  }
  running.add(started)
  return started
}
