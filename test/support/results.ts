import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { TestError } from 'vitest'
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'
import { SEED } from './seed.ts'

/** Writes what `test/run.js` counts and tells at its end to where MILLRACE_RESULTS says; again and again, for a run that hangs has no end. */
export default class Results implements Reporter {
  #modules = (): readonly TestModule[] => []

  onInit({ state }: Vitest): void {
    this.#modules = () => state.getTestModules()
  }

  onTestModuleQueued(): void {
    this.#write()
  }

  onTestCaseResult(test: TestCase): void {
    if (test.result().state === 'failed') this.#write()
  }

  onTestModuleEnd(): void {
    this.#write()
  }

  onTestRunEnd(_: readonly TestModule[], unhandled: readonly TestError[]): void {
    this.#write(unhandled)
  }

  #write(unhandled: readonly TestError[] = []): void {
    const { MILLRACE_RESULTS: file } = process.env
    if (file === undefined) return
    const modules = this.#modules()
    const passed = modules.flatMap((it) => [...it.children.allTests('passed')]).length
    const failures = [
      ...modules.flatMap(failuresOf),
      ...unhandled.map((it) => `outside of tests\n${told(it)}`),
    ]
    const running = modules.filter((it) => it.state() === 'queued' || it.state() === 'pending')
    writeFileSync(
      file,
      JSON.stringify({ passed, failures, running: running.map((it) => it.relativeModuleId) }),
    )
  }
}

function failuresOf(module: TestModule): readonly string[] {
  const repeat = `MILLRACE_SEED=${String(SEED)} npx vitest run --project ${module.project.name} ${module.relativeModuleId}`
  const describe = (name: string, errors: readonly TestError[]) =>
    `${name}\n${errors.map(told).join('\n')}\n    repeat: ${repeat}`
  // What a hook throws is the error of the suite or of the whole file that the hook is for.
  const around: readonly (TestModule | TestSuite)[] = [module, ...module.children.allSuites()]
  return [
    ...around.filter((it) => it.errors().length > 0).map((it) => describe(nameOf(it), it.errors())),
    ...[...module.children.allTests('failed')].map((it) => describe(nameOf(it), it.result().errors ?? [])),
  ]
}

function nameOf(it: TestModule | TestSuite | TestCase): string {
  return it.type === 'module' ? it.relativeModuleId : `${it.module.relativeModuleId}: ${it.fullName}`
}

/** What was expected and found instead, and where. */
function told({ name, message, diff, stacks = [] }: TestError): string {
  const [place] = stacks
  const text = [
    `${name ?? 'Error'}: ${message}`,
    diff ?? '',
    place === undefined ? '' : `at ${relative('', place.file)}:${String(place.line)}`,
  ]
  const lines = text.filter((it) => it !== '').flatMap((it) => upTo(MOST_LINES, it.split('\n')))
  return stripVTControlCharacters(lines.map((it) => `    ${it.slice(0, 2_000)}`).join('\n'))
}

const MOST_LINES = 60

function upTo(most: number, lines: readonly string[]): readonly string[] {
  if (lines.length <= most) return lines
  return [...lines.slice(0, most), `… and ${String(lines.length - most)} lines more`]
}
