// The worker's process under load: `runLoad` starts it.
import { startWorker } from 'millrace'
import { answerParent, givenInput } from './children.ts'
import { ownProcessorMs } from './processor-time.ts'

export interface WorkerInput {
  readonly databaseUrl: string
}

const { databaseUrl } = givenInput() as WorkerInput
const failures: string[] = []
/** Connections that the server ended, as it does where the machine gives the worker no time: they are made anew. */
let lost = 0
const worker = startWorker(
  { database: databaseUrl },
  {
    onEvent: (event) => {
      if (event.kind === 'failed') failures.push(`${event.model.name}: ${event.error.message}`)
      if (event.kind === 'refused') failures.push(event.error.message)
      if (event.kind === 'disconnected') lost += 1
    },
  },
)

answerParent({ failures: () => failures, lost: () => lost, processor: ownProcessorMs }, async () => {
  await worker.stop()
})
