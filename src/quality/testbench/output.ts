import type { Outcome } from '../types.js'

export interface Reading {
  readonly outcome: Outcome
  readonly reason: string
  /** Whether the testbench or its reference are to blame. */
  readonly isBenchAtFault?: boolean
}

/** What testbenches print when all is well: VerilogEval's count, RTLLM's line, ours. */
const PASS_LINES = /Your Design Passed|MESHWRIGHT PASS|Mismatches:/i

/**
 * Reads what a testbench said of the design.
 *
 * @param output - of the simulation, in which the design itself has no word
 * @param exitCode - of the simulator; `$fatal` makes it 1
 * @param testbench - its text tells what it would print for a design that passes
 */
export function readOutput(output: string, exitCode: number, testbench: string): Reading {
  const lines = output.split('\n').map((line) => line.slice(0, LONGEST_LINE).trim()).filter((line) => line !== '')
  const fatal = lines.find((line) => /^FATAL:/.test(line))
  if (exitCode !== 0) return { outcome: 'fail', reason: fatal === undefined ? `the simulation ended with code ${exitCode}${quoted(lines.at(-1))}` : `the testbench stopped${quoted(fatal)}` }
  const counts = [...output.matchAll(/Mismatches:\s*(\d+)\s+in\s+(\d+)\s+samples/gi)].at(-1)
  if (counts) {
    const [wrong, samples] = [Number(counts[1]), Number(counts[2])]
    if (lines.some((line) => line === 'TIMEOUT')) return { outcome: 'fail', reason: `the testbench gave up waiting for the design, with ${wrong} mismatches in ${samples} samples` }
    if (wrong > 0) return { outcome: 'fail', reason: `${wrong} mismatches in ${samples} samples${hint(lines)}` }
    if (samples === 0) return { outcome: 'unknown', reason: 'the testbench took no sample' }
    return { outcome: 'pass', reason: `no mismatch in ${samples} samples` }
  }
  const failed = lines.find(isFailure)
  if (failed !== undefined) return { outcome: 'fail', reason: `the testbench said${quoted(failed)}` }
  const passed = lines.find((line) => /Your Design Passed/i.test(line) || line === 'MESHWRIGHT PASS')
  if (passed !== undefined) return { outcome: 'pass', reason: `the testbench said${quoted(passed)}` }
  if (PASS_LINES.test(testbench)) return { outcome: 'fail', reason: `the testbench ended without the line that it has for designs that pass${quoted(lines.at(-1))}` }
  return { outcome: 'unknown', reason: 'the testbench ended without saying whether the design passed: let it print MESHWRIGHT PASS, or call $fatal' }
}

/** What testbenches say of a design stands at the beginning of a line. Characters. */
const LONGEST_LINE = 1000

/** A line that begins with an error or a failure, behind ornaments, or one that counts some. */
function isFailure(line: string): boolean {
  const count = /completed with\s+(\d+)\b.*\b(?:failure|error)s?\b/i.exec(line)
  if (count) return Number(count[1]) > 0
  return /^\W*(?:error|failed|failure|fail|test failed|your design failed|meshwright fail)\b/i.test(line)
}

function hint(lines: readonly string[]): string {
  const first = lines.find((line) => /^Hint: Output .* has \d+ mismatches/.test(line))
  return first === undefined ? '' : `: ${first.slice('Hint: '.length)}`
}

function quoted(line: string | undefined): string {
  return line === undefined ? '' : `: "${line.replace(/\s+/g, ' ').slice(0, 200)}"`
}
