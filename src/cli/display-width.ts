const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u

/** Ranges of Unicode's East Asian Wide and Fullwidth characters. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
]

/** Blanks as wide as the text is on a terminal; tabs stay tabs, so that what follows stands under what follows there. */
export function blanksFor(text: string): string {
  return [...graphemes.segment(text)]
    .map(({ segment }) => (segment === '\t' ? '\t' : ' '.repeat(graphemeWidth(segment))))
    .join('')
}

/** How many columns of a terminal the text takes. */
export function displayWidth(text: string): number {
  return [...graphemes.segment(text)].reduce((sum, { segment }) => sum + graphemeWidth(segment), 0)
}

function graphemeWidth(grapheme: string): number {
  if (NOTHING.test(grapheme)) return 0
  if (EMOJI.test(grapheme)) return 2
  const codePoint = grapheme.codePointAt(0) ?? 0
  return WIDE.some(([from, to]) => codePoint >= from && codePoint <= to) ? 2 : 1
}
