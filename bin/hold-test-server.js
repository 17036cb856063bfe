import process from 'node:process'
import { holdServer } from '../dist/testing/hold-server.js'

const [directory] = process.argv.slice(2)
const keepMs = process.env['MILLRACE_TEST_SERVER_KEEP_MS']
if (directory !== undefined)
  await holdServer(directory, keepMs === undefined ? {} : { unusedMs: Number(keepMs) })
