import type { Plan } from '../../src/compile/plan.ts'
import type { Client } from '../../src/pg/client.ts'
import { currentSlot } from '../../src/sql/slots.ts'
import { captureName } from '../../src/sql/names.ts'

const EVENTS = ['insert', 'update', 'delete', 'truncate'] as const

/**
 * Puts the clock by which writers choose a slot out of the game: from now on all write into this one. It may be any,
 * for no answer depends on the choice.
 */
export async function pinSlot(owner: Client, { sources }: Plan, slot: number): Promise<void> {
  for (const { relation } of sources) {
    for (const event of EVENTS) {
      const { schema, name } = captureName(relation, event)
      const [row] = await owner.query<{ definition: string }>(
        `select pg_get_functiondef('"${schema}"."${name}"()'::regprocedure) as definition`,
      )
      const chosen = new RegExp(`${escaped(currentSlot().text)}|\\(/\\*slot\\*/\\d\\)::smallint`, 'g')
      const definition = row?.definition ?? ''
      if (!chosen.test(definition)) throw new Error(`${name} chooses its slot in another way`)
      await owner.query(definition.replaceAll(chosen, `(/*slot*/${String(slot)})::smallint`))
    }
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
