import { codeOf, messageOf } from '../control/errors.js'
import { exitCodeOf } from './exit-codes.js'

/** Says what went wrong in one line, `error CODE: message`, and with `debug` where. @returns the exit code */
export function report(error: unknown, { debug }: { readonly debug: boolean }): number {
  process.stderr.write(`error ${codeOf(error)}: ${messageOf(error)}\n`)
  if (debug && error instanceof Error) process.stderr.write(`${stackOf(error)}\n`)
  return exitCodeOf(error)
}

function stackOf(error: Error): string {
  const stack = error.stack ?? error.message
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack
}
