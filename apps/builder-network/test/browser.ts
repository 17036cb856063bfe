import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser, type Page } from 'playwright-core'
import { inject } from 'vitest'
import { withConnection } from '../../../src/pg/client.ts'
import { WAIT_MS } from '../../../test/support/patience.ts'
import { runFolder } from '../../../test/support/run-folder.ts'

export interface LaunchedBrowser {
  /** Opens a page in a context of its own. */
  readonly newPage: (options?: Parameters<Browser['newPage']>[0]) => Promise<Page>
  readonly close: () => Promise<void>
}

/** A browser from the package, unpacked once for all files of a run: nothing of it is on the machine before or after. */
export async function launchBrowser(): Promise<LaunchedBrowser> {
  const folder = await unpackOnce()
  const browser = await chromium.launch({
    executablePath: join(folder, 'chromium'),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(folder, FONTS),
    },
    // The sandbox needs rights that a container seldom gives; the page is our own.
    args: ['--no-sandbox'],
    timeout: WAIT_MS,
  })
  return {
    newPage: async (options) => {
      const page = await browser.newPage(options)
      page.context().setDefaultTimeout(WAIT_MS)
      return page
    },
    close: () => browser.close(),
  }
}

/** Written last: where it is, all is. */
const FONTS = 'fonts.conf'

/** Files that run at the same time wait for the one that came first. */
async function unpackOnce(): Promise<string> {
  const folder = join(runFolder(inject('run')), 'browser')
  await withConnection({ url: inject('serverUrl') }, async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', [folder])
    if (existsSync(join(folder, FONTS))) return
    await mkdir(folder, { recursive: true })
    // In a process of its own, for the package changes the environment. It brings the libraries along that a bare machine lacks, but unpacks
    // them only where it is told of its cloud.
    const script = `await (await import('@sparticuz/chromium')).default.executablePath()`
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: import.meta.dirname,
      env: { ...process.env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' },
    })
    await configureFonts(folder)
  })
  return folder
}

/** The package's own list of folders has not the one that it was unpacked into, and a browser without any font ends at the first field of a form. */
async function configureFonts(folder: string): Promise<void> {
  await writeFile(
    join(folder, FONTS),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
    <fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>`,
  )
}
