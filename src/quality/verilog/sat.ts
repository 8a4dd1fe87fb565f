import { place } from './prepare.js'
import type { Control } from './netlist.js'
import type { Yosys } from './yosys.js'

/** How time passes in a comparison. */
export type TimeModel
  /** No state: one instant says everything. */
  = | { readonly kind: 'instant' }
  /** One step is a clock cycle. `optionalEdge`: a step may also pass without a clock edge, as asynchronous resets do. */
    | { readonly kind: 'cycle', readonly asynchronous: boolean, readonly optionalEdge: boolean }
  /** Clocks are inputs like others; an edge takes two steps. */
    | { readonly kind: 'clocked', readonly clocks: readonly string[] }

export interface Question {
  /** RTLIL of the two designs. */
  readonly gold: string
  readonly gate: string
  readonly time: TimeModel
  readonly resets: readonly Control[]
  readonly resetCycles: number
  /** Further `sat` options about the registers' power-up values. */
  readonly start: readonly string[]
  /** Pairs of registers to be proved equal as well, which makes most inductions one step long. */
  readonly alsoEqual: readonly string[]
  /** Undefined values are modelled, and what the first design leaves undefined is not compared. */
  readonly undefinedValues: boolean
  readonly maximumSteps: number
  /** Search for a difference only, without trying to prove that there is none. */
  readonly searchOnly?: boolean
}

export interface Difference {
  readonly outputs: readonly { readonly name: string, readonly expected: string, readonly found: string }[]
  readonly inputs: readonly { readonly name: string, readonly value: string }[]
  /** Steps after reset, from 1. */
  readonly step: number
}

export type Answer
  = | /** `masked`: wherever the first design is defined. */
    { readonly kind: 'proved', readonly masked: boolean }
    | { readonly kind: 'differs', readonly difference: Difference }
  /** Only registers of `alsoEqual` differ, which need not show. */
    | { readonly kind: 'state-differs' }
    | { readonly kind: 'bounded', readonly steps: number }
    | { readonly kind: 'failed', readonly message: string }

export const EDGE_INPUT = 'meshwright_edge'

/** Asks the solver whether two flat designs with the same ports can ever differ. */
export function ask(yosys: Yosys, question: Question): Answer {
  const { time } = question
  const optionalEdge = time.kind === 'cycle' && time.optionalEdge
  const read = (rtlil: string, name: string): string => place(optionalEdge ? addOptionalEdge(rtlil) : rtlil, name)
  const setup = [
    'read_rtlil gold.il', 'read_rtlil gate.il',
    `miter -equiv -flatten -make_outputs -make_outcmp ${question.undefinedValues ? '-ignore_gold_x ' : ''}gold gate miter`,
    'hierarchy -top miter',
    // Equal operations on equal inputs become one, flip-flops excepted: a solver would prove two multipliers equal for minutes.
    'opt_merge t:$*dff* t:$*latch* %u t:$sr %u %n',
    ...time.kind === 'cycle' && time.asynchronous ? ['async2sync'] : [],
    ...time.kind === 'clocked' ? ['clk2fflogic'] : [],
  ]
  const options = [
    ...question.undefinedValues ? ['-enable_undef', '-set-def-inputs'] : [],
    ...time.kind === 'instant' ? question.start : stepOptions(question),
    '-prove trigger 0', '-show-inputs', '-show-outputs',
  ]
  const run = yosys.run(`${setup.join('; ')}; tee -q -o sat.log sat ${options.join(' ')} miter`, {
    'gold.il': read(question.gold, 'gold'),
    'gate.il': read(question.gate, 'gate'),
  })
  if (!run.ok) return { kind: 'failed', message: run.messages.trim().split('\n').at(-1) ?? '' }
  return readAnswer(run.files['sat.log'] ?? '', leadingSteps(question), question.undefinedValues)
}

function stepOptions(question: Question): string[] {
  const steps = leadingSteps(question)
  const options = [`-seq ${steps}`, `-tempinduct${question.searchOnly === true ? '-baseonly' : ''} -maxsteps ${question.maximumSteps}`, ...question.start]
  for (const reset of question.resets) {
    for (let step = 1; step <= steps; step++) options.push(`-set-at ${step} in_${reset.port} ${reset.active}`)
  }
  if (question.time.kind === 'clocked') {
    for (let step = 1; step <= steps; step++) for (const clock of question.time.clocks) options.push(`-set-at ${step} in_${clock} ${(step + 1) % 2}`)
  }
  if (question.time.kind === 'cycle' && question.time.optionalEdge) {
    for (let step = 1; step <= steps; step++) options.push(`-set-at ${step} in_${EDGE_INPUT} 1`)
  }
  return [...options, ...question.alsoEqual]
}

/** Steps before the comparison starts. Clocked time begins with the clock low and ends the reset with it low. */
function leadingSteps(question: Question): number {
  if (question.resets.length === 0) return question.time.kind === 'clocked' ? 1 : 0
  return question.time.kind === 'clocked' ? 2 * question.resetCycles + 1 : question.resetCycles
}

/** Every flip-flop gets an enable that a common new input drives: a step without an edge is then one with the input at 0. */
function addOptionalEdge(rtlil: string): string {
  return rtlil
    .replace(/^ {2}cell \$(a?)dff (\S+)$/gm, `  cell $$$1dffe $2\n    parameter \\EN_POLARITY 1'1\n    connect \\EN \\${EDGE_INPUT}`)
    .replace(/^module (\S+)$/m, `module $1\n  wire input 9999 \\${EDGE_INPUT}`)
}

function readAnswer(log: string, leading: number, masked: boolean): Answer {
  if (/proven: SUCCESS!|no model found: SUCCESS!/.test(log)) return { kind: 'proved', masked }
  const at = log.lastIndexOf('FAIL!')
  if (at >= 0) {
    const difference = readDifference(log.slice(at), leading)
    return difference.outputs.length > 0 ? { kind: 'differs', difference } : { kind: 'state-differs' }
  }
  const bases = [...log.matchAll(/Base case for induction length (\d+) proven/g)]
  if (/Reached maximum number of time steps/i.test(log) && bases.length > 0) return { kind: 'bounded', steps: Number(bases.at(-1)![1]) }
  return { kind: 'failed', message: log.trim().split('\n').at(-1) ?? '' }
}

/** Reads the last step of the table of values that `sat` prints. */
function readDifference(table: string, leading: number): Difference {
  const rows = [...table.matchAll(/^\s+(\d+|--)?\s+\\(\S+)\s+\S+\s+\S+\s+([01x?-]+)\s*$/gm)]
  const last = Math.max(0, ...rows.map((row) => Number(row[1]) || 0))
  const values = new Map(rows.filter((row) => (Number(row[1]) || 0) === last).map((row) => [row[2]!, row[3]!]))
  const named = (prefix: string): [string, string][] => [...values].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value])
  return {
    outputs: named('cmp_').filter(([, equal]) => equal !== '1')
      .map(([name]) => ({ name, expected: values.get(`gold_${name}`) ?? '?', found: values.get(`gate_${name}`) ?? '?' })),
    inputs: named('in_').filter(([name]) => name !== EDGE_INPUT).map(([name, value]) => ({ name, value })),
    step: last - leading,
  }
}
