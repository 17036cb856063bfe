import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GROUPS } from '../site/sidebar.ts'

test('every page of the documentation stands in the sidebar of the site, once', () => {
  const pages = readdirSync(join(import.meta.dirname, '../docs')).filter((it) => it.endsWith('.md'))
  const listed = GROUPS.flatMap((group) => group.pages.map((it) => `${it}.md`))
  expect(listed.toSorted()).toEqual(pages.toSorted())
})
