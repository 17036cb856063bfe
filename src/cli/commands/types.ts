import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { compileDeclared } from '../../migrate/compile-declared.ts'
import { readProject } from '../../take-over/project.ts'
import { TYPE_FILES, TYPE_FORMATS, writeTypes, type TypeFormat } from '../../types/formats.ts'
import { readModelTypes } from '../../types/model-types.ts'
import { withOwner } from '../open-database.ts'
import type { Run, Session } from '../session.ts'
import type { Style } from '../style.ts'

interface Options {
  readonly format?: TypeFormat
  readonly out?: string
  readonly check?: boolean
}

/** `millrace types`: with --check exit code 2 when the file is not what would be written. */
export function typesCommand(run: Run): Command {
  return new Command('types')
    .description("Writes the types of the declared read models for the team's tool.")
    .addOption(
      new Option(
        '--format <tool>',
        'prisma, drizzle, kysely or typescript; the one in package.json unless said',
      ).choices(TYPE_FORMATS),
    )
    .option('--out <file>', 'the file, from the configuration on')
    .option('--check', 'write nothing; exit with code 2 if the file is not up to date')
    .addHelpText('after', '\nExample:\n  millrace types --format kysely --out src/read-models.ts')
    .action((options: Options) =>
      run('types', async (session) => {
        const outcome = await typesFor(session, options)
        session.output.result(outcome, render)
        return options.check === true && !outcome.isUpToDate ? 2 : 0
      }),
    )
}

interface Outcome {
  readonly format: TypeFormat
  /** From where the command was given. */
  readonly file: string
  readonly models: number
  /** The file was already what is to be written. */
  readonly isUpToDate: boolean
  readonly isWritten: boolean
}

async function typesFor(session: Session, { format: given, out, check = false }: Options): Promise<Outcome> {
  const config = await session.loadConfig()
  const folder = dirname(config.file)
  const format = given ?? (await detected(folder))
  const file = resolve(folder, out ?? TYPE_FILES[format])
  const models = await withOwner(session, config, async (client) =>
    readModelTypes(client, await compileDeclared(client, config)),
  )
  const text = writeTypes(format, models, format === 'prisma' ? { declared: await prismaEnums(file) } : {})
  const isUpToDate = existsSync(file) && (await readFile(file, 'utf8')) === text
  const isWritten = !check && !isUpToDate
  if (isWritten) {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return { format, file: relative(session.cwd, file), models: models.length, isUpToDate, isWritten }
}

/** Of the tools that `init` finds, the one that has types of its own. */
async function detected(folder: string): Promise<TypeFormat> {
  const { migrations } = await readProject(folder)
  return TYPE_FORMATS.find((it) => it === migrations.format) ?? 'typescript'
}

/** Enums that the schema's other files declare, by their names in the database: nothing may be declared twice. */
async function prismaEnums(file: string): Promise<ReadonlyMap<string, string>> {
  const folder = dirname(file)
  const names = existsSync(folder) ? await readdir(folder) : []
  const found = new Map<string, string>()
  for (const name of names.filter((it) => it.endsWith('.prisma') && join(folder, it) !== file)) {
    const text = await readFile(join(folder, name), 'utf8')
    for (const { groups = {} } of text.matchAll(/^enum (?<own>\w+) \{(?<body>[^}]*)\}/gm)) {
      const { own = '', body = '' } = groups
      found.set(/@@map\("([^"]+)"\)/.exec(body)?.[1] ?? own, own)
    }
  }
  return found
}

function render({ file, models, isUpToDate, isWritten }: Outcome, style: Style): string {
  if (isUpToDate) return `${file} is up to date.`
  const count = `${String(models)} read model${models === 1 ? '' : 's'}`
  return isWritten
    ? `${style.strong('written')}  ${file}: ${count}`
    : `${file} is not up to date: run ${style.strong('millrace types')}.`
}
