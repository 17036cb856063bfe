import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as playwright, type Browser, type Page } from 'playwright-core'
import { WAIT_MS } from '../../../test/support/patience.ts'

export interface LaunchedBrowser {
  /** Opens a page in a context of its own. */
  readonly newPage: (options?: Parameters<Browser['newPage']>[0]) => Promise<Page>
  readonly close: () => Promise<void>
}

/**
 * A browser from the package, unpacked into a folder of its own: nothing of it is on the machine before or after. The
 * package brings the libraries along that a bare machine lacks, but unpacks them only where it is told of its cloud.
 */
export async function launchBrowser(): Promise<LaunchedBrowser> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-browser-'))
  process.env['TMPDIR'] = directory
  process.env['AWS_LAMBDA_JS_RUNTIME'] = 'nodejs20.x'
  const { default: chromium } = await import('@sparticuz/chromium')
  const executablePath = await chromium.executablePath()
  process.env['FONTCONFIG_FILE'] = await configureFonts(directory)
  const browser = await playwright.launch({
    executablePath,
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
    close: async () => {
      await browser.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The package's own list of folders has not the one that it was unpacked into, and a browser without any font ends at the first field of a form. */
async function configureFonts(directory: string): Promise<string> {
  const file = join(directory, 'fonts.conf')
  await writeFile(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
    <fontconfig><dir>${join(directory, 'fonts')}</dir><cachedir>${join(directory, 'fonts-cache')}</cachedir></fontconfig>`,
  )
  return file
}
