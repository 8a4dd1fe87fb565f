import { BOUND_CYCLES, MAXIMUM_INDUCTION, RESET_CYCLES } from '../constants.js'
import type { Outcome } from '../types.js'
import type { Control, Netlist, Port, Register } from './netlist.js'
import type { Prepared } from './prepare.js'
import { parseRtlil } from './rtlil.js'
import type { Answer, Difference, Question, TimeModel } from './sat.js'
import { ask } from './sat.js'
import type { Search } from './simulation/search.js'
import { sameLogic } from './simulation/design.js'
import { searchDifference } from './simulation/search.js'
import type { Yosys } from './yosys.js'

export interface Finding {
  readonly outcome: Outcome
  readonly reason: string
}

/** For how many cycles after reset a reference's outputs are known to depend on its inputs alone. Infinity where that is proved. */
export type Determinism = { cycles?: number }

/** Gate evaluations of the simulation before the solver, and of the one after it has found neither a proof nor a difference. */
const QUICK_EFFORT = 2e6
const THOROUGH_EFFORT = 4e7

const NAME = /^[A-Za-z_][\w$.]*(?:\[\d+\])?(?: \[\d+:\d+\])?$/

/**
 * Compares what two designs do. A pass is a proof; a fail is a run of inputs on which the candidate leaves what the reference determines.
 *
 * Registers that nothing initialises hold any value at power-up. The candidate may do whatever the reference does from
 * some such value: for the proof, registers of the same name start equal. A difference counts only if the reference's output
 * does not depend on power-up values, which is proved (`determinism`) or modelled with undefined values.
 */
export function compare(yosys: Yosys, gold: Prepared, gate: Prepared, determinism: Determinism, boundedPass = 0): Finding {
  const ports = comparePorts(gold.netlist, gate.netlist)
  if (ports) return { outcome: 'fail', reason: ports }
  const loop = gold.loops.length > 0 ? 'reference' : gate.loops.length > 0 ? 'candidate' : undefined
  if (loop) return { outcome: 'unknown', reason: `the ${loop} has a combinational loop, so its outputs need not settle` }
  if (gold.netlist.ports.some((port) => port.direction === 'inout')) return { outcome: 'unknown', reason: 'inout ports are not compared' }
  if (!gold.netlist.ports.some((port) => port.direction === 'output')) return { outcome: 'unknown', reason: 'the reference has no outputs to compare' }
  const time = timeModel(gold.netlist, gate.netlist)
  return new Comparison(yosys, gold, gate, time, determinism).run(boundedPass)
}

/** What is wrong with the candidate's ports, if anything. */
export function comparePorts(gold: Netlist, gate: Netlist): string | undefined {
  const describe = (port: Port): string => `${port.direction} "${port.name}" of ${port.width} ${port.width === 1 ? 'bit' : 'bits'}`
  const found = new Map(gate.ports.map((port) => [port.name, port]))
  for (const port of gold.ports) {
    const other = found.get(port.name)
    if (!other) return `the candidate has no port "${port.name}": the reference has ${describe(port)}`
    if (other.direction !== port.direction || other.width !== port.width) return `the candidate has ${describe(other)} where the reference has ${describe(port)}`
  }
  const expected = new Set(gold.ports.map((port) => port.name))
  const extra = gate.ports.find((port) => !expected.has(port.name))
  return extra && `the candidate has an ${describe(extra)} that the reference does not have`
}

function timeModel(gold: Netlist, gate: Netlist): TimeModel {
  const both = [gold, gate].filter((netlist) => netlist.clocking.stateful)
  if (both.length === 0) return { kind: 'instant' }
  const clock = both[0]!.clocking.clock
  const sameEdge = clock && both.every(({ clocking }) => clocking.clock?.port === clock.port && clocking.clock.active === clock.active)
  if (sameEdge && ![gold, gate].some((netlist) => netlist.dataInputs.includes(clock.port))) {
    const asynchronous = both.some(({ clocking }) => clocking.asynchronous)
    const resets = new Set(both.map(({ clocking }) => clocking.asynchronous ? clocking.resets.map(({ port, active }) => `${port} ${active}`).join() : ''))
    // Where everything is reset by one asynchronous input, whether an edge falls into the reset makes no difference.
    return { kind: 'cycle', asynchronous, optionalEdge: asynchronous && (resets.size > 1 || both.some(({ clocking }) => !clocking.uniformReset)) }
  }
  return { kind: 'clocked', clocks: [...new Set(both.flatMap(({ clocking }) => clocking.clockPorts))] }
}

class Comparison {
  readonly #base: Omit<Question, 'gold' | 'gate' | 'start' | 'alsoEqual' | 'maximumSteps'>
  readonly #stepsPerCycle: number

  constructor(
    private readonly yosys: Yosys,
    private readonly gold: Prepared,
    private readonly gate: Prepared,
    private readonly time: TimeModel,
    private readonly determinism: Determinism,
  ) {
    const undefinedValues = [gold, gate].some(({ netlist }) => netlist.hasUndefined || netlist.createsUndefined)
    this.#stepsPerCycle = time.kind === 'clocked' ? 2 : 1
    this.#base = { time, resetCycles: RESET_CYCLES, undefinedValues, resets: gold.netlist.clocking.resets }
  }

  run(boundedPass: number): Finding {
    const same = sameLogic(parseRtlil(this.gold.rtlil)[0]!, parseRtlil(this.gate.rtlil)[0]!)
    const identical: Finding = { outcome: 'pass', reason: 'the same logic, register by register' }
    if (same && !this.#base.undefinedValues) return identical
    const found = this.#simulate(QUICK_EFFORT)
    if (found.kind === 'differs') return { outcome: 'fail', reason: this.#describe(found.difference, 'cycle') }
    if (found.kind === 'equal') return { outcome: 'pass', reason: 'equal for every input' }
    const outputs = this.gold.netlist.ports.filter(({ direction }) => direction === 'output')
    if (same && found.undefinedOutputs.length < outputs.length) return identical
    const pairs = this.#pairs(this.gate)
    const equal = pairs.filter((pair) => pair.free).map(({ name }) => `-set-at 1 gold.${name} gate.${name}`)
    const start = this.#base.undefinedValues ? [...equal, '-set-init-def'] : equal
    let answer = this.#prove(this.gold, this.gate, equal, pairs.map(({ name }) => name))
    if (answer.kind === 'bounded' && boundedPass > answer.steps / this.#stepsPerCycle) {
      answer = ask(this.yosys, { ...this.#base, gold: this.gold.rtlil, gate: this.gate.rtlil, start, alsoEqual: [], maximumSteps: boundedPass * this.#stepsPerCycle, searchOnly: true })
    }
    if (answer.kind === 'proved' && answer.masked && found.undefinedOutputs.length > 0) {
      return { outcome: 'unknown', reason: `the reference leaves ${found.undefinedOutputs.join(', ')} undefined, so there is nothing to compare with` }
    }
    if (answer.kind === 'differs' && answer.difference.outputs.every(({ found, expected }) => isVague(found, expected))) {
      // Undefined values spread further in the model than in the design: let each take any value instead.
      const free = { gold: this.gold.rtlil, gate: this.gate.freeRtlil }
      const freeStart = [...this.time.kind === 'instant' ? [] : start, ...this.gate.freeNames.map((name) => `-set-def gate.${name}`)]
      answer = ask(this.yosys, { ...this.#base, ...free, start: freeStart, alsoEqual: [], maximumSteps: Math.max(answer.difference.step + 4, 8), searchOnly: true })
      if (answer.kind !== 'differs' || answer.difference.outputs.every(({ found, expected }) => isVague(found, expected))) {
        return { outcome: 'unknown', reason: 'the candidate holds undefined values (x), and whether they reach an output is not certain' }
      }
    }
    switch (answer.kind) {
      case 'proved': return { outcome: 'pass', reason: this.time.kind === 'instant' ? 'proved equal for all inputs' : `proved equal for all inputs and times${this.#since()}` }
      case 'differs': return this.#confirm(answer.difference)
      case 'bounded': {
        const late = this.#simulate(THOROUGH_EFFORT)
        if (late.kind === 'differs') return { outcome: 'fail', reason: this.#describe(late.difference, 'cycle') }
        return this.#bounded(Math.floor(answer.steps / this.#stepsPerCycle), boundedPass)
      }
      default: return { outcome: 'unknown', reason: `the solver gave no answer${answer.kind === 'failed' ? `: ${answer.message}` : ''}` }
    }
  }

  #simulate(effort: number): Search {
    const clocks = [...new Set([this.gold, this.gate].flatMap(({ netlist }) => netlist.clocking.clockPorts))]
    return searchDifference(this.gold.rtlil, this.gate.freeRtlil, { clocks, stateful: this.time.kind !== 'instant', effort, resets: this.#base.resets })
  }

  /** First with equal registers as a lemma, which settles most pairs in one step; then without. */
  #prove(one: Prepared, other: Prepared, start: readonly string[], names: readonly string[]): Answer {
    const lemma = { alsoEqual: names.map((name) => `-prove gold.${name} gate.${name}`), maximumSteps: this.#stepsPerCycle * 4 }
    if (this.#base.undefinedValues && ![one, other].some(({ netlist }) => netlist.createsUndefined)) {
      // Undefined constants often reach no output. If the designs are equal whatever stands in their place, two values a bit are enough.
      const free = { ...this.#base, gold: one.freeRtlil, gate: other.freeRtlil, undefinedValues: false, start }
      const answer = ask(this.yosys, { ...free, ...this.time.kind === 'instant' ? { start: [], alsoEqual: [], maximumSteps: 1 } : lemma })
      if (answer.kind === 'proved') return answer
    }
    const defined = this.#base.undefinedValues && this.time.kind !== 'instant' ? ['-set-init-def'] : []
    const base = { ...this.#base, gold: one.rtlil, gate: other.rtlil, start: [...start, ...defined], alsoEqual: [] }
    if (this.time.kind === 'instant') return ask(this.yosys, { ...base, start: [], maximumSteps: 1 })
    if (names.length > 0) {
      const quick = ask(this.yosys, { ...base, ...lemma })
      if (quick.kind === 'proved' || quick.kind === 'differs') return quick
    }
    const long = ask(this.yosys, { ...base, maximumSteps: MAXIMUM_INDUCTION })
    if (long.kind !== 'bounded') return long
    return ask(this.yosys, { ...base, maximumSteps: BOUND_CYCLES * this.#stepsPerCycle, searchOnly: true })
  }

  /** A difference is certain if the reference's output there does not hang on what its registers held at power-up. */
  #confirm(difference: Difference): Finding {
    const certain: Finding = { outcome: 'fail', reason: this.#describe(difference) }
    const cycles = Math.ceil(difference.step / this.#stepsPerCycle)
    this.determinism.cycles ??= this.#referenceDeterminism()
    if (this.determinism.cycles >= cycles) return certain
    const answer = this.#canUndefineReference() ? this.#differsFromUndefined() : undefined
    if (answer?.kind === 'differs' && !answer.difference.outputs.every(({ found, expected }) => isVague(found, expected))) {
      return { outcome: 'fail', reason: this.#describe(answer.difference) }
    }
    return { outcome: 'unknown', reason: 'they differ only where the reference\'s outputs may depend on values that it leaves undefined (registers without reset, or x)' }
  }

  /** Two copies of the reference with power-up values of their own: for how many cycles after reset are they equal? */
  #referenceDeterminism(): number {
    if (this.time.kind === 'instant') return Infinity
    const names = this.#pairs(this.gold).map(({ name }) => name)
    const answer = this.#prove(this.gold, this.gold, [], names)
    if (answer.kind === 'proved') return Infinity
    if (answer.kind === 'bounded') return Math.floor(answer.steps / this.#stepsPerCycle)
    return answer.kind === 'differs' ? Math.floor((answer.difference.step - 1) / this.#stepsPerCycle) : 0
  }

  /** Whether every power-up value of the reference can be named in the solver's first step, where reset is active. */
  #canUndefineReference(): boolean {
    const { registers, hasUnnamed, resets } = this.gold.netlist.clocking
    const heldInReset = (control: Control | undefined): boolean => resets.some(({ port, active }) => port === control?.port && active === control.active)
    return !hasUnnamed
      && registers.every(({ name, initial, kind, reset: own }) => NAME.test(name) && initial !== 'partial' && (kind === 'edge' || kind === 'reset' && heldInReset(own)))
      && this.gate.netlist.clocking.registers.every(({ name }) => NAME.test(name))
      && !this.gate.netlist.clocking.hasUnnamed
  }

  #differsFromUndefined(): Answer {
    const mine = this.gold.netlist.clocking.registers.filter(({ kind, initial }) => kind === 'edge' && initial === 'none')
    return ask(this.yosys, {
      ...this.#base,
      gold: this.gold.rtlil,
      gate: this.gate.freeRtlil,
      undefinedValues: true,
      start: [
        ...mine.map(({ name }) => `-set-all-undef-at 1 gold.${name}`),
        ...this.gate.netlist.clocking.registers.map(({ name }) => `-set-def-at 1 gate.${name}`),
        ...this.gate.freeNames.map((name) => `-set-def gate.${name}`),
      ],
      alsoEqual: [],
      maximumSteps: 8 * this.#stepsPerCycle,
      searchOnly: true,
    })
  }

  /** Registers of the same name and width. `free`: their first value is neither given by the source nor by a reset. */
  #pairs(other: Prepared): { name: string, free: boolean }[] {
    const found = new Map(other.netlist.clocking.registers.map((register) => [register.name, register]))
    return this.gold.netlist.clocking.registers.flatMap((register) => {
      const twin = found.get(register.name)
      if (twin?.width !== register.width || !NAME.test(register.name)) return []
      return [{ name: register.name, free: startsFree(register, twin) }]
    })
  }

  #since(): string {
    const ports = this.#base.resets.map(({ port }) => `"${port}"`)
    return ports.length > 0 ? ` after reset by ${ports.join(' and ')}` : ''
  }

  #bounded(cycles: number, boundedPass: number): Finding {
    const pass = boundedPass > 0 && cycles >= boundedPass
    return { outcome: pass ? 'pass' : 'unknown', reason: `bounded: equal for ${cycles} cycles${this.#since()}, not proved beyond` }
  }

  #describe({ outputs, inputs, step }: Difference, unit = this.time.kind === 'clocked' ? 'half cycle' : 'cycle'): string {
    const output = outputs[0]!
    const others = outputs.length > 1 ? ` (and ${outputs.length - 1} more)` : ''
    const when = this.time.kind === 'instant' ? '' : ` in ${unit} ${step}${this.#since()}`
    const where = inputs.slice(0, 12).map(({ name, value }) => `${name}=${number(value)}`).join(', ')
    return `output "${output.name}"${others} is ${number(output.found)} instead of ${number(output.expected)}${when}${where === '' ? '' : `, with ${where}`}`
  }
}

/**
 * Whether two registers can be taken to hold the same value at power-up. Where both are reset by the same input to the same value,
 * that only says something while the input is inactive, and is true while it is active.
 */
function startsFree(one: Register, other: Register): boolean {
  if (one.initial !== 'none' || other.initial !== 'none') return false
  if (one.kind === 'edge' && other.kind === 'edge') return true
  const [a, b] = [one.reset, other.reset]
  return a !== undefined && b !== undefined && a.port === b.port && a.active === b.active && a.value === b.value && /^\d+'[01]+$/.test(a.value)
}

/** No bit is surely wrong: where they differ, the found one is undefined. */
function isVague(found: string, expected: string): boolean {
  return !Array.from(found).some((bit, i) => (bit === '0' || bit === '1') && (expected[i] === '0' || expected[i] === '1') && bit !== expected[i])
}

/** Binary digits as a person reads them: 0, 1, or hexadecimal with its width. */
function number(bits: string): string {
  if (bits.length <= 1 || /[^01]/.test(bits)) return bits
  return `${bits.length}'h${BigInt(`0b${bits}`).toString(16)}`
}
