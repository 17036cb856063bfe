/**
 * Named places where a test may stop the process or the world. In production each costs one comparison with
 * undefined. The fault tests iterate over this list, so a name that is not reached fails them.
 */
export const FAIL_POINTS = [
  'drain.begun',
  'drain.window-read',
  'drain.units-resolved',
  'drain.spilled',
  'drain.folded',
  'drain.recomputed',
  'drain.watermark-written',
  'drain.committed',
  'rotate.locked',
  'rotate.truncated',
  'rotate.committed',
  'backfill.enumerated',
  'install.schema-created',
  'install.source-captured',
  'install.model-created',
  'install.source-applied',
  'install.backfilled',
  'install.exposed',
] as const

/** The same for objects of the user's. */
export const OBJECT_POINTS = ['objects.step-done'] as const

/** The same for what is done on a schedule. */
export const SCHEDULE_POINTS = [
  'job.begun',
  'refresh.begun',
  'refresh.written',
  'job.performed',
  'job.noted',
  'job.committed',
] as const

/** The same where a version takes the place of another. */
export const VERSION_POINTS = [
  'version.verified',
  'version.awaited',
  'version.caught-up',
  'version.swapped',
] as const

/** The same where migrations as files are run, and what they leave is done. */
export const FILE_POINTS = ['file.statement-run', 'file.applied', 'index.made'] as const

export type FailPoint = (
  | typeof FAIL_POINTS
  | typeof SCHEDULE_POINTS
  | typeof OBJECT_POINTS
  | typeof VERSION_POINTS
  | typeof FILE_POINTS
)[number]

let passes = 0

/** Whoever may be paused on purpose is not to be taken for one that hangs. */
export function mayPause(): boolean {
  return process.env['MILLRACE_FAIL_POINT']?.includes('=pause') === true
}

/**
 * Does nothing, unless the environment variable MILLRACE_FAIL_POINT is `name=kill` (SIGKILL to this process) or
 * `name=pause` (writes `paused at name` to stderr and waits until somebody kills it). `name=kill@3` lets the point be
 * passed twice before.
 */
export async function failPoint(name: FailPoint): Promise<void> {
  const armed = process.env['MILLRACE_FAIL_POINT']
  if (armed === undefined) return

  const [, point, action, pass = '1'] = /^(.+)=(kill|pause)(?:@(\d+))?$/.exec(armed) ?? []
  if (point !== name) return
  passes += 1
  if (passes < Number(pass)) return

  if (action === 'kill') process.kill(process.pid, 'SIGKILL')
  process.stderr.write(`paused at ${name}\n`)
  await new Promise(() => setInterval(() => undefined, 1_000))
}
