import { hash, verify } from '@node-rs/argon2'
import { z } from 'zod'

/** Long is what counts: no rule asks for digits and signs. */
export const newPassword = z.string().min(10, 'ten characters at least').max(200)

/** Argon2id with the least that OWASP's password storage cheat sheet asks for: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export async function hashPassword(password: string): Promise<string> {
  return await hash(password, COST)
}

/** Takes as long where there is no hash: how long it took does not say whether somebody has an account. */
export async function isPassword(password: string, hashed: string | null): Promise<boolean> {
  const matches = await verify(hashed ?? (await NOBODYS), password)
  return hashed !== null && matches
}

const NOBODYS = hashPassword('nobody has this password')
