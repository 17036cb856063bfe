import { z } from 'zod'
import { chainRow } from '../../../../models/chains.ts'

/** A chain as one of its pages shows it: of a private one there is no score, for nobody discovers it. */
export const shownChain = chainRow.omit({ trending_score: true }).extend({ user_is_following: z.boolean() })

export type ShownChain = z.infer<typeof shownChain>
