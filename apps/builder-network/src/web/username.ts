import { z } from 'zod'

/** As it stands in addresses. Who signs up gets a stricter rule. */
export const username = z.string().min(1).max(100)
