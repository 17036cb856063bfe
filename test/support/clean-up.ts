import { afterAll, afterEach } from 'vitest'

type CleanUp = () => Promise<void> | void

/** Of modules that test files share: each is loaded once, and cleans up after every file or test. */
const cleanUps = { file: [] as CleanUp[], test: [] as CleanUp[] }

/** To be called while a module is loaded; what it names runs at the end of every test file. */
export function atEndOfFile(cleanUp: CleanUp): void {
  cleanUps.file.push(cleanUp)
}

/** To be called while a module is loaded; what it names runs at the end of every test. */
export function atEndOfTest(cleanUp: CleanUp): void {
  cleanUps.test.push(cleanUp)
}

/** To be called by a setup file: a hook belongs to the test file that is being loaded. */
export function cleanUpAfterwards(): void {
  afterEach(() => run(cleanUps.test))
  afterAll(() => run(cleanUps.file))
}

async function run(all: readonly CleanUp[]): Promise<void> {
  for (const cleanUp of all) await cleanUp()
}
