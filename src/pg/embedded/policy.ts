/** Commands that may make a server of their own where no database is named. */
const OWN_SERVER = ['demo', 'start', 'dev', 'test']

export interface PolicyInput {
  readonly command: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Whether a command may use the embedded server. Never in production, and in CI only to try things out: a forgotten
 * DATABASE_URL must be an error there, not a fresh empty database on which everything succeeds.
 */
export function mayUseEmbedded({ command, env }: PolicyInput): boolean {
  if (env['NODE_ENV'] === 'production') return false
  const isCi = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false'
  return !isCi || OWN_SERVER.includes(command)
}
