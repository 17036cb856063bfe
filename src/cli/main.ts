/** Runs the command line. Returns the exit code. */
export function main(args: readonly string[]): Promise<number> {
  return Promise.resolve(args.length)
}
