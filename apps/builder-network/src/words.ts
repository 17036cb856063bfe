/** Words to make names and texts of. */
export const CATEGORIES = [
  'ai',
  'climate',
  'devtools',
  'education',
  'fintech',
  'games',
  'hardware',
  'health',
  'other',
]
export const BADGES = ['stone', 'silver', 'gold', 'platinum', 'demonstration']
export const THINGS = [
  'anchor',
  'bridge',
  'garden',
  'harbor',
  'lantern',
  'loom',
  'mill',
  'orbit',
  'pulse',
  'signal',
]
export const QUALITIES = [
  'bright',
  'calm',
  'clear',
  'deep',
  'early',
  'honest',
  'open',
  'plain',
  'quiet',
  'swift',
]
export const NAMES = [
  'ada',
  'ben',
  'chen',
  'dara',
  'eli',
  'fatima',
  'gus',
  'hana',
  'ivo',
  'june',
  'kofi',
  'lena',
  'mo',
]
export const SENTENCES = [
  'I tried it this morning and it held up.',
  'How does it behave when the network is slow?',
  'The write-up answered every question that I had.',
  'Please say more about how you measured this.',
  'We use something like it at work; yours is simpler.',
  'Could you add an export?',
  'Small and useful. Thank you.',
]
