import { html as tagged, raw } from 'hono/html'

/** Escaped HTML: what the template `html` gives. */
export type Html = ReturnType<typeof tagged>
export { raw }

/** A template of HTML: values are escaped, lists are joined. */
export const html: typeof tagged = (strings, ...values) => tagged(withoutIndents(strings), ...values)

const packed = new WeakMap<TemplateStringsArray, TemplateStringsArray>()

/** Indents are for who reads the source. */
function withoutIndents(strings: TemplateStringsArray): TemplateStringsArray {
  const known = packed.get(strings)
  if (known !== undefined) return known
  const made = Object.assign(
    strings.map((it) => it.replaceAll(/\n\s+/g, '\n')),
    { raw: strings.raw },
  )
  packed.set(strings, made)
  return made
}

/** As a plain string: what the template gives is an object, which servers for Node send as a stream, at three times the cost. */
export async function textOf(document: Html): Promise<string> {
  return (await document).toString()
}
