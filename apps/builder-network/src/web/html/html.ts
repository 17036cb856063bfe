import { html, raw } from 'hono/html'

/** Escaped HTML: what the template `html` gives. */
export type Html = ReturnType<typeof html>
export { html, raw }

/** As a plain string: what the template gives is an object, which servers for Node send as a stream, at three times the cost. */
export async function textOf(document: Html): Promise<string> {
  return (await document).toString()
}
