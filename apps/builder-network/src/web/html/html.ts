import { html, raw } from 'hono/html'

/** Escaped HTML: what the template `html` gives. */
export type Html = ReturnType<typeof html>
export { html, raw }
