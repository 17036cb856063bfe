import { z } from 'zod'

const HERE = 'http://here'

/**
 * A page of this site to go on to, and no other: read as a browser reads it, for which `/\there`, `/\t/there` and `/.//there` are
 * other sites. Percent-encoded, as headers need it.
 */
export const ownPage = z
  .string()
  .max(2000)
  .transform((text, context) => {
    const url = text.startsWith('/') && URL.canParse(text, HERE) ? new URL(text, HERE) : null
    if (url?.origin !== HERE || url.pathname.startsWith('//')) {
      context.addIssue({ code: 'custom', message: 'a page of this site' })
      return z.NEVER
    }
    return `${url.pathname}${url.search}${url.hash}`
  })
