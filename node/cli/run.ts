import { CommanderError } from 'commander'

import { EXIT } from './exit-codes.js'
import { report } from './failures.js'
import { createProgram } from './program.js'

/**
 * Runs one command line.
 *
 * @param argv - without the names of node and of the program
 * @returns the exit code
 */
export async function run(argv: readonly string[]): Promise<number> {
  process.on('unhandledRejection', crash)
  process.on('uncaughtException', crash)
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed))
  // Threads and sockets that wait for an answer may not hold the process; a command that is not over does.
  const alive = setInterval(() => undefined, 2 ** 30)
  const program = createProgram()
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return report(error, { debug: program.opts<{ debug?: boolean }>().debug ?? false })
  } finally {
    clearInterval(alive)
  }
}

/** What nobody expected must not leave a process half alive. */
function crash(error: unknown): void {
  process.stderr.write(`error INTERNAL: meshwright crashed; please report this with what follows\n${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
  process.exit(EXIT.failed)
}
