import { MillraceError } from '../errors.ts'

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  EADDRINUSE: ['it is in use', 'Choose another port, or 0 for any that is free.'],
  EACCES: ['it needs more rights', 'Choose a port from 1024 on.'],
  EADDRNOTAVAIL: [
    'it is not an address of this machine',
    'Choose one of its own, or 0.0.0.0 for all of them.',
  ],
  ENOTFOUND: ['the host name is unknown', 'Choose an address of this machine, or 0.0.0.0 for all of them.'],
}

/** Why a server of ours does not listen at `host` and `port`, as an error with a way out. */
export function cannotListen(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): MillraceError {
  const [reason, hint] = REASONS[error.code ?? ''] ?? [error.message, undefined]
  const where = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`
  return new MillraceError('CANNOT_LISTEN', { detail: `${where}: ${reason}`, hint, cause: error })
}
