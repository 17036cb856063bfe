import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of its own, which answers questions. */
export interface Child {
  readonly pid: number
  /** Fails where the process fails to answer, or has ended. */
  readonly ask: (question: string) => Promise<unknown>
  readonly stop: () => Promise<void>
}

interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** Starts a module of this folder, with `input` as its argument, and with `flags` for Node. */
export function startChild(file: string, input: unknown, flags: readonly string[] = []): Child {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(input)], {
    // Profiles are of the process that is asked for: NODE_OPTIONS reaches all of them.
    execArgv: [...flags, '--import', 'jiti/register'],
  })
  const waiting = new Map<number, (answer: Answer) => void>()
  let asked = 0
  child.on('message', (message) => {
    const answer = message as Answer
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  const ended = endOf(child, file, waiting)
  return {
    pid: child.pid ?? 0,
    ask: async (question) => {
      asked += 1
      const id = asked
      const { answer, error } = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve)
        child.send({ id, question }, (problem) => {
          if (problem !== null) resolve({ id, error: `${file}: ${problem.message}` })
        })
      })
      if (error !== undefined) throw new Error(error)
      return answer
    },
    stop: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

async function endOf(
  child: ChildProcess,
  file: string,
  waiting: Map<number, (answer: Answer) => void>,
): Promise<void> {
  await once(child, 'exit')
  for (const [id, answer] of waiting) answer({ id, error: `${file} has ended` })
  waiting.clear()
}

/** What the process was started with. */
export function givenInput(): unknown {
  const [input] = process.argv.slice(2)
  if (input === undefined) throw new Error('this is started by the load test')
  return JSON.parse(input)
}

/** Answers until whoever started this process has ended, or wants no more; `close` then lets go of everything. */
export function answerParent(
  answers: Readonly<Record<string, () => unknown>>,
  close: () => Promise<void>,
): void {
  // Ctrl-C reaches every process of the terminal; the parent says what is to be done.
  process.on('SIGINT', () => undefined)
  process.on('disconnect', () => void close().finally(() => process.exit()))
  process.on('message', (message) => {
    const { id, question } = message as { readonly id: number; readonly question: string }
    const answer = async () => await (answers[question] ?? unknown(question))()
    answer().then(
      (given) => process.send?.({ id, answer: given }),
      (error: unknown) =>
        process.send?.({ id, error: error instanceof Error ? error.message : String(error) }),
    )
  })
}

function unknown(question: string): () => never {
  return () => {
    throw new Error(`nobody answers ${question}`)
  }
}
