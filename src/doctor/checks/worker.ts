import { readScheduled } from '../../work/schedule/installed.ts'
import { WORKER_NAME } from '../../work/session.ts'
import { WORKERS } from '../doctor.sql.ts'
import { runCommand, runSql, type Examination, type Finding } from '../finding.ts'
import { inWords } from '../in-words.ts'

/** No worker is connected, or one that is connected hangs: changes are kept, and nobody applies them. */
export async function worker({
  client,
  models,
  limits,
}: Examination): Promise<readonly Omit<Finding, 'check'>[]> {
  const workers = await client.query<ConnectedWorker>(WORKERS, [WORKER_NAME])
  if (models.length === 0 && (await readScheduled(client)).length === 0) return []
  if (workers.length === 0) return [NONE]

  const silent = workers.filter(({ silentMs }) => (silentMs ?? 0) > limits.maxSilentMs)
  const severity = silent.length === workers.length ? 'error' : 'warning'
  return silent.map(({ pid, silentMs }) => ({
    severity,
    object: 'worker',
    message: `the worker of server process ${String(pid)} has been silent for ${inWords(silentMs ?? 0)}: its own process hangs`,
    remedy: [runSql(`select pg_terminate_backend(${String(pid)})`), runCommand('millrace work')],
  }))
}

interface ConnectedWorker {
  readonly pid: number
  readonly silentMs: number | null
}

const NONE: Omit<Finding, 'check'> = {
  severity: 'error',
  object: 'worker',
  message: 'no worker is connected to this database, so nothing is drained',
  remedy: [runCommand('millrace work')],
}
