/**
 * What takes longer than this hangs. Far more than anything needs on a quiet machine: on one that ten processes want all takes ten times as
 * long, and is right all the same.
 */
export const PATIENCE_MS = 600_000

/** For a wait within a test, which says what it waited for before the test's own time is over. */
export const WAIT_MS = PATIENCE_MS / 4
