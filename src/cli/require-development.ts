import { withoutPassword } from '../define/check-database-url.ts'
import { MillraceError } from '../errors.ts'

/** Hosts of this machine, of a private network (RFC 1918, RFC 4193), and names without a domain, as containers have them. */
const NEAR =
  /^(?:localhost|127\.[\d.]+|\[?::1\]?|10\.[\d.]+|192\.168\.[\d.]+|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+|\[?f[cd][\da-f]{2}:.*|[^.:]*|.*\.(?:local|internal|test|localhost))$/i

/** Refuses what may be anything but a database to develop on. */
export function requireDevelopment(url: string, env: Readonly<Record<string, string | undefined>>): void {
  const hint = 'Use --yes, if nobody but you depends on it.'
  if (env['NODE_ENV'] === 'production')
    throw new MillraceError('NOT_DEVELOPMENT', { detail: 'NODE_ENV is production', hint })
  const { hostname, searchParams } = new URL(url)
  // A folder is a socket of this machine.
  const host = searchParams.get('host') ?? hostname
  if (host.startsWith('/') || NEAR.test(host)) return
  throw new MillraceError('NOT_DEVELOPMENT', {
    detail: `${withoutPassword(url)} is on another machine`,
    hint,
  })
}
