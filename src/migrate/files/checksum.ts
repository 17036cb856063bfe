import { createHash } from 'node:crypto'

/** Of a text, whatever the line ends that a version control system gives it. */
export function checksumOf(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')
}
