import type { Random } from '../../../telemetry/index.js'
import type { Control } from '../netlist.js'

/** 32 runs of one input bit. */
type Lanes = number

/** How an input moves for a while: how often it is 1, or what it copies. */
interface Habit {
  readonly ones: Lanes
  readonly zeros: Lanes
  readonly held: Lanes
}

/** Cycles after which every input takes up new habits. */
const HABIT_CYCLES = 48

/**
 * Random inputs that reach corners: some runs hold an input at 0 or 1 for long, or let it change rarely, and words are copied from others of the
 * same width, so that counters run far and comparators meet equal values. Reset is active at first and rarely later.
 */
export class Stimulus {
  readonly #values = new Map<string, Int32Array>()
  readonly #habits = new Map<string, Habit>()

  constructor(private readonly inputs: ReadonlyMap<string, number>, private readonly resets: readonly Control[], private readonly random: Random) {
    for (const [name, width] of inputs) this.#values.set(name, new Int32Array(width))
  }

  /** One word for each bit of an input: bit k is its value in run k. */
  value(name: string): Int32Array { return this.#values.get(name)! }

  /** Values of the next cycle. */
  advance(cycle: number, inReset: boolean): void {
    if (cycle % HABIT_CYCLES === 0) for (const name of this.inputs.keys()) this.#habits.set(name, this.#habit())
    for (const [name, width] of this.inputs) {
      const reset = this.resets.find(({ port }) => port === name)
      if (reset) {
        // In a quarter of the runs now and then, in one of them often.
        const active = inReset ? -1 : this.#rare() & this.#rare() & 0x000000ff | this.#rare() & 1
        this.value(name)[0] = reset.active === 1 ? active : ~active
        continue
      }
      this.#move(name, width)
    }
  }

  #move(name: string, width: number): void {
    const value = this.value(name)
    const { ones, zeros, held } = this.#habits.get(name)!
    const often = this.#rare()
    if (width === 1) {
      const drawn = this.#word()
      const moved = (drawn & ~ones & ~zeros) | (ones & ~often) | (zeros & often)
      value[0] = (value[0]! & held & ~often) | (moved & ~(held & ~often))
      return
    }
    const twin = this.random() < 0.3 ? [...this.inputs].find(([other, size]) => size === width && other !== name)?.[0] : undefined
    const copied = twin === undefined ? 0 : this.#word()
    const all = ones & ~often
    const none = zeros & ~often
    for (let i = 0; i < width; i++) {
      const drawn = this.#word()
      const moved = ((drawn | all) & ~none & ~copied) | ((twin === undefined ? 0 : this.value(twin)[i]!) & copied)
      value[i] = (value[i]! & held & ~often) | (moved & ~(held & ~often))
    }
  }

  #habit(): Habit {
    const [ones, zeros, held] = [this.#word() & this.#word(), this.#word() & this.#word(), this.#word() & this.#word()]
    return { ones, zeros: zeros & ~ones, held }
  }

  #word(): Lanes { return this.random() * 2 ** 32 | 0 }
  /** Each run with probability 1/16. */
  #rare(): Lanes { return this.#word() & this.#word() & this.#word() & this.#word() }
}
