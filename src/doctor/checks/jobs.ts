import { readJobStates, type JobState } from '../../work/schedule/jobs-state.ts'
import { hasSqlState, SQLSTATE } from '../../pg/errors.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'
import { lookUntil } from '../patience.ts'

type Found = Omit<Finding, 'check'>

/** Jobs whose last run failed, and jobs whose time has come and nobody does them. */
export async function jobs({ client, limits }: Examination): Promise<readonly Found[]> {
  const states = await lookUntil(
    limits.patienceMs,
    () => readStates(client),
    (now) => now.every(({ state }) => state !== 'late'),
  )
  return states.flatMap((it) => findingOf(it) ?? [])
}

async function readStates(client: Examination['client']): Promise<readonly JobState[]> {
  try {
    return await readJobStates(client)
  } catch (error) {
    // Millrace's schema is older than this program: another check speaks of that.
    if (hasSqlState(error, SQLSTATE.UNDEFINED_TABLE)) return []
    throw error
  }
}

function findingOf({ name, state, nextAt, failures, lastRun }: JobState): Found | undefined {
  const object = `job ${name}`
  if (state === 'late') {
    const message = `it was due at ${nextAt}, and no worker has begun it`
    return { severity: 'error', object, message, remedy: [runCommand('millrace work')] }
  }
  if (failures === 0 && lastRun?.status !== 'failed') return undefined
  const often = failures > 1 ? `${String(failures)} times in a row` : 'the last time'
  return {
    severity: 'error',
    object,
    message: `it failed ${often}: ${lastRun?.error ?? 'its session ended'}. It is tried again by itself at ${nextAt}, or at once with the command below`,
    remedy: [runCommand(`millrace jobs run ${name}`)],
  }
}
