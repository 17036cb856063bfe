/** 1, 2, 3 …: as many as MILLRACE_FAULT_ROUNDS says, one where it says nothing. */
export function rounds(): readonly number[] {
  const count = Number(process.env['MILLRACE_FAULT_ROUNDS'] ?? '1')
  return Array.from({ length: count }, (_, i) => i + 1)
}
