import { watch as chokidar } from 'chokidar'
import { basename, extname } from 'node:path'

/** Where declarations, and what they import, may stand; SQL and schemas of other tools, for what they say is looked at again. */
const WATCHED = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.sql', '.prisma']
const IGNORED = ['node_modules', 'dist', 'build', 'coverage']
/** An editor that saves several files is waited for. */
const SETTLED_MS = 100

/**
 * The names of files that have changed below a folder, time after time, until the signal: those that are saved together come
 * together.
 */
export async function* watchFiles(folder: string, signal: AbortSignal): AsyncGenerator<readonly string[]> {
  const changed = new Set<string>()
  const state = { isSettled: false, wake: (): void => undefined }
  let timer: NodeJS.Timeout | undefined
  const watcher = chokidar(folder, {
    ignoreInitial: true,
    ignored: (path, stats) =>
      path !== folder && (isHidden(path) || (stats?.isFile() === true && !isWatched(path))),
  })
  watcher.on('all', (event, path) => {
    if (event === 'addDir' || event === 'unlinkDir') return
    changed.add(path)
    clearTimeout(timer)
    timer = setTimeout(() => {
      state.isSettled = true
      state.wake()
    }, SETTLED_MS)
  })
  signal.addEventListener('abort', () => {
    state.wake()
  })
  try {
    await new Promise<void>((resolve) => {
      watcher.once('ready', resolve)
    })
    yield []
    while (!signal.aborted) {
      // What has changed while the last files were dealt with is there already.
      if (!state.isSettled) {
        await new Promise<void>((resolve) => {
          state.wake = resolve
        })
      }
      state.isSettled = false
      const files = [...changed]
      changed.clear()
      if (files.length > 0) yield files
    }
  } finally {
    clearTimeout(timer)
    await watcher.close()
  }
}

function isHidden(path: string): boolean {
  const name = basename(path)
  return name.startsWith('.') || IGNORED.includes(name)
}

function isWatched(path: string): boolean {
  return WATCHED.includes(extname(path))
}
