// The worker's process under load: `runLoad` starts it.
import { startWorker } from 'millrace'
import { answerParent, givenInput } from './children.ts'
import { ownProcessorMs } from './processor-time.ts'

export interface WorkerInput {
  readonly databaseUrl: string
}

const { databaseUrl } = givenInput() as WorkerInput
const failures: string[] = []
const worker = startWorker(
  { database: databaseUrl },
  {
    onEvent: (event) => {
      if (event.kind === 'failed') failures.push(`${event.model.name}: ${event.error.message}`)
      if (event.kind === 'disconnected' || event.kind === 'refused') failures.push(event.error.message)
    },
  },
)

answerParent({ failures: () => failures, processor: ownProcessorMs }, async () => {
  await worker.stop()
})
