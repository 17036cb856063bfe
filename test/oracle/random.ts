export { randomFrom, type Random } from '../../src/testing/random.ts'
