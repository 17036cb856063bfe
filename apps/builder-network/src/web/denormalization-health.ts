import type { Hono } from 'hono'
import { readHealth } from '../health.ts'
import { requireAccess, type Environment, type Surroundings } from './environment.ts'

/** At the plan's address, in the envelope of its other answers; who is no administrator gets 403 with "Admin only". */
export function tellHealth(app: Hono<Environment>, { store }: Surroundings): void {
  app.get('/admin/denormalization-health', async (context) => {
    requireAccess('admin', context.get('viewer'))
    const data = await readHealth(store.pool)
    return context.json({ success: true, message: 'Denormalization health check', data })
  })
}
