import { z } from 'zod'
import { action } from '../action.ts'

export const giveFeedback = action({
  path: '/feedback',
  summary: 'Tells the administrators what one thinks of the place',
  access: 'signed-in',
  params: z.object({}),
  body: z.object({ message: z.string().trim().min(1, 'say something').max(5000) }),
  run: async ({ client, body: { message }, viewer }) => {
    const { rows } = await client.query<{ id: string }>(
      'insert into feedback (user_id, message) values ($1, $2) returning id',
      [viewer.id, message],
    )
    return { to: '/feedback?thanks=1', made: { id: rows[0]?.id } }
  },
})
