import { main } from '../../src/cli/main.ts'

// The command line as it is, for a process that a test can kill.
process.exitCode = await main(process.argv.slice(2))
