import { z } from 'zod'

/** What forms and programs send, with the limits that all of it has. */

export const title = z.string().trim().min(1, 'say something').max(200)
export const text = z.string().trim().min(1, 'say something').max(10_000)
export const longText = z.string().trim().max(10_000).default('')

/** An empty field of a form says nothing. */
const nothing = z.literal('').transform(() => null)

/** An address on the web. */
export const webAddress = z
  .url({ protocol: /^https?$/, message: 'an address that begins with https://' })
  .max(2000)
  .or(nothing)
  .nullable()
  .default(null)

export const shortText = z.string().trim().min(1).max(200).or(nothing).nullable().default(null)

/** A box of a form, which sends `on` where it is ticked and nothing otherwise. */
export const ticked = z
  .literal('on')
  .transform(() => true)
  .or(z.boolean())
  .default(false)
