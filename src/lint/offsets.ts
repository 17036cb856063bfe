/** Turns byte offsets of a text in UTF-8, which the parser counts in, into offsets in UTF-16 units. */
export function offsetsIn(text: string): (byte: number) => number {
  const bytes = Buffer.byteLength(text)
  if (bytes === text.length) return (byte) => Math.min(byte, bytes)

  const offsets = new Uint32Array(bytes + 1)
  let byte = 0
  let offset = 0
  for (const character of text) {
    const size = Buffer.byteLength(character)
    offsets.fill(offset, byte, byte + size)
    byte += size
    offset += character.length
  }
  offsets[bytes] = text.length
  return (at) => offsets[Math.min(at, bytes)] ?? text.length
}
