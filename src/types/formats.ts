import { writeDrizzle } from './write-drizzle.ts'
import { writeKysely } from './write-kysely.ts'
import { writePrisma } from './write-prisma.ts'
import { writeTypeScript } from './write-typescript.ts'
import type { ModelType } from './value-type.ts'

/** Tools that types are written for. */
export const TYPE_FORMATS = ['typescript', 'kysely', 'drizzle', 'prisma'] as const
export type TypeFormat = (typeof TYPE_FORMATS)[number]

/** Where each is written unless it is told otherwise. */
export const TYPE_FILES: Readonly<Record<TypeFormat, string>> = {
  typescript: 'millrace.types.ts',
  kysely: 'millrace.types.ts',
  drizzle: 'millrace.types.ts',
  prisma: 'prisma/millrace.prisma',
}

export interface TypesOptions {
  /** Of Prisma: enums that other files declare, by their names in the database. */
  readonly declared?: ReadonlyMap<string, string>
}

/** The whole of a file, the same for the same read models. */
export function writeTypes(
  format: TypeFormat,
  models: readonly ModelType[],
  options: TypesOptions = {},
): string {
  const head = '// Written by `millrace types` from the declared read models: change those, and run it again.'
  return `${head}\n\n${WRITERS[format](models, options)}\n`
}

const WRITERS: Readonly<Record<TypeFormat, (models: readonly ModelType[], options: TypesOptions) => string>> =
  {
    typescript: writeTypeScript,
    kysely: writeKysely,
    drizzle: writeDrizzle,
    prisma: writePrisma,
  }
