import { createHash } from 'node:crypto'

import { createRandom } from '../../../telemetry/index.js'
import { RESET_CYCLES } from '../../constants.js'
import type { Control } from '../netlist.js'
import { parseRtlil } from '../rtlil.js'
import type { Difference } from '../sat.js'
import { Unsupported } from './cells.js'
import type { SimulatedDesign } from './design.js'
import { simulated } from './design.js'
import type { Evaluator, Literal } from './gates.js'
import { Stimulus } from './stimulus.js'

export type Search
  = | { readonly kind: 'differs', readonly difference: Difference }
  /** Every input was tried, and the outputs were always equal. */
    | { readonly kind: 'equal' }
  /** `undefinedOutputs`: outputs of the reference with bits that were never known; all of them where nothing was simulated. */
    | { readonly kind: 'nothing-found', readonly undefinedOutputs: readonly string[] }

export interface SearchOptions {
  readonly clocks: readonly string[]
  readonly resets: readonly Control[]
  /** Whether either design keeps state. */
  readonly stateful: boolean
  /** Evaluations of a gate in 32 runs; about 5 ns each. */
  readonly effort: number
}

/** Up to so many input bits, a design without state is tried on all inputs. */
const EXHAUSTIVE_BITS = 14
const MAXIMUM_CYCLES = 8192

/**
 * Looks for a difference by simulating both designs on the same inputs, 32 runs at a time. The reference's registers start undefined and its undefined
 * values stay so; the candidate's are drawn. So where the reference's output is known and the candidate's is the opposite,
 * the candidate is wrong whatever either held at power-up.
 *
 * @param gold - RTLIL of the reference, undefined constants included
 * @param gate - RTLIL of the candidate, undefined constants replaced by free values
 */
export function searchDifference(gold: string, gate: string, options: SearchOptions): Search {
  let designs: readonly [SimulatedDesign, SimulatedDesign]
  try {
    designs = [simulated(parseRtlil(gold)[0]!), simulated(parseRtlil(gate)[0]!)]
  } catch (error) {
    // Very deep logic overflows the stack; the solver takes those designs as well.
    if (error instanceof Unsupported || error instanceof RangeError) return { kind: 'nothing-found', undefinedOutputs: ['all outputs'] }
    throw error
  }
  const seed = createHash('sha256').update(gold).update(gate).digest().readInt32LE()
  const pair = new Pair(...designs, seed)
  return options.stateful || pair.inputBits > EXHAUSTIVE_BITS ? pair.random(options) : pair.exhaustive()
}

class Pair {
  readonly #gold: Evaluator
  readonly #gate: Evaluator
  readonly #random: () => number
  readonly #outputs: { name: string, gold: readonly Literal[], gate: readonly Literal[] }[]

  readonly #uncovered: Set<Literal>

  constructor(private readonly gold: SimulatedDesign, private readonly gate: SimulatedDesign, seed: number) {
    this.#gold = gold.circuit.compile()
    this.#gate = gate.circuit.compile()
    this.#random = createRandom(seed)
    this.#outputs = [...gold.outputs].map(([name, bits]) => ({ name, gold: bits, gate: gate.outputs.get(name)! }))
    this.#uncovered = new Set(this.#outputs.flatMap(({ gold }) => gold))
  }

  get inputBits(): number { return [...this.gold.inputs.values()].reduce((sum, bits) => sum + bits.length, 0) }

  exhaustive(): Search {
    const names = [...this.gold.inputs].flatMap(([name, bits]) => bits.map((_, i) => ({ name, i })))
    const words = Math.max(1, 2 ** (names.length - 5))
    let unsure = false
    for (let word = 0; word < words; word++) {
      names.forEach(({ name, i }, at) => this.#set(name, i, at < 5 ? COUNTING[at]! : -((word >> (at - 5)) & 1)))
      this.#evaluate()
      const lane = this.#differingLane()
      if (lane !== undefined) return { kind: 'differs', difference: this.#difference(lane, 1) }
      this.#cover()
      unsure ||= this.#unsure()
    }
    return unsure || this.#undefinedOutputs().length > 0 ? { kind: 'nothing-found', undefinedOutputs: this.#undefinedOutputs() } : { kind: 'equal' }
  }

  random({ clocks, resets, stateful, effort }: SearchOptions): Search {
    const inputs = new Map([...this.gold.inputs].filter(([name]) => !clocks.includes(name)).map(([name, bits]) => [name, bits.length]))
    const stimulus = new Stimulus(inputs, resets, this.#random)
    this.#start()
    const cost = 2 * (this.gold.circuit.size + this.gate.circuit.size)
    const cycles = Math.min(MAXIMUM_CYCLES, Math.max(16, Math.floor(effort / cost)))
    const leading = resets.length > 0 && stateful ? RESET_CYCLES : 0
    for (let cycle = 0; cycle < cycles; cycle++) {
      // Inputs change while the clock is low; the edge follows while they hold.
      for (const level of stateful ? [0, -1] : [0]) {
        if (level === 0) stimulus.advance(cycle, cycle < leading)
        for (const clock of clocks) this.#set(clock, 0, level)
        if (level === 0) for (const [name, width] of inputs) for (let i = 0; i < width; i++) this.#set(name, i, stimulus.value(name)[i]!)
        this.#evaluate()
        if (cycle >= leading) {
          const lane = this.#differingLane()
          if (lane !== undefined) return { kind: 'differs', difference: this.#difference(lane, cycle - leading + 1) }
          this.#cover()
        }
        this.#step()
      }
    }
    return { kind: 'nothing-found', undefinedOutputs: this.#undefinedOutputs() }
  }

  #set(name: string, bit: number, lanes: number): void {
    this.#gold.set(this.gold.inputs.get(name)![bit]!, lanes)
    this.#gate.set(this.gate.inputs.get(name)![bit]!, lanes)
  }

  #start(): void {
    for (const { source, initial } of this.gold.memories) this.#gold.set(source, initial === '1' ? -1 : 0, initial === '0' ? -1 : 0)
    for (const { source, initial } of this.gate.memories) this.#gate.set(source, initial === 'x' ? this.#draw() : initial === '1' ? -1 : 0)
  }

  #evaluate(): void {
    for (const source of this.gate.free) this.#gate.set(source, this.#draw())
    for (const source of this.gold.free) this.#gold.set(source, 0, 0)
    this.#gold.evaluate()
    this.#gate.evaluate()
  }

  #step(): void {
    for (const [design, evaluator] of [[this.gold, this.#gold], [this.gate, this.#gate]] as const) {
      const next = design.memories.map(({ next }) => [evaluator.values[next]!, evaluator.values[next ^ 1]!] as const)
      design.memories.forEach(({ source }, i) => evaluator.set(source, ...next[i]!))
    }
  }

  #differingLane(): number | undefined {
    for (const { gold, gate } of this.#outputs) {
      for (let i = 0; i < gold.length; i++) {
        const lanes = this.#opposite(gold[i]!, gate[i]!)
        if (lanes !== 0) return 31 - Math.clz32(lanes)
      }
    }
    return undefined
  }

  /** Notes which bits of the reference's outputs have been known so far. */
  #cover(): void {
    const { values } = this.#gold
    for (const bit of this.#uncovered) if ((values[bit]! | values[bit ^ 1]!) !== 0) this.#uncovered.delete(bit)
  }

  #undefinedOutputs(): string[] {
    return this.#outputs.filter(({ gold }) => gold.some((bit) => this.#uncovered.has(bit))).map(({ name }) => name)
  }

  #opposite(gold: Literal, gate: Literal): number {
    const [a, b] = [this.#gold.values, this.#gate.values]
    return (a[gold]! & b[gate ^ 1]!) | (a[gold ^ 1]! & b[gate]!)
  }

  /** The candidate is undefined somewhere where the reference is not, or depends on a value that was only drawn. */
  #unsure(): boolean {
    if (this.gate.free.length > 0) return true
    const [a, b] = [this.#gold.values, this.#gate.values]
    return this.#outputs.some(({ gold, gate }) => gold.some((literal, i) => ((a[literal]! | a[literal ^ 1]!) & ~(b[gate[i]!]! | b[gate[i]! ^ 1]!)) !== 0))
  }

  #difference(lane: number, step: number): Difference {
    const digits = (evaluator: Evaluator, bits: readonly Literal[]): string => Array.from(bits, (literal) =>
      (evaluator.values[literal]! >>> lane) & 1 ? '1' : (evaluator.values[literal ^ 1]! >>> lane) & 1 ? '0' : 'x').reverse().join('')
    return {
      outputs: this.#outputs.filter(({ gold, gate }) => gold.some((literal, i) => (this.#opposite(literal, gate[i]!) >>> lane) & 1))
        .map(({ name, gold, gate }) => ({ name, expected: digits(this.#gold, gold), found: digits(this.#gate, gate) })),
      inputs: [...this.gold.inputs].map(([name, bits]) => ({ name, value: digits(this.#gold, bits) })),
      step,
    }
  }

  #draw(): number { return this.#random() * 2 ** 32 | 0 }
}

/** Bit k of word i is bit i of k: five inputs that count through 32 runs. */
const COUNTING = [0xaaaaaaaa | 0, 0xcccccccc | 0, 0xf0f0f0f0 | 0, 0xff00ff00 | 0, 0xffff0000 | 0]
