import { job, sql } from 'millrace'

/** Every read model is compared with its query, and what was found is kept: `millrace.verification`. */
export const nightlyVerification = job('nightly_verification', {
  every: '0 3 * * *',
  timeout: '2 hours',
  run: sql`select millrace.verify()`,
})
