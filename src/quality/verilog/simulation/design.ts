import type { Cell, Module, Signal } from '../rtlil.js'
import { bitsOf } from '../rtlil.js'
import { number, outputOf, Unsupported } from './cells.js'
import type { Literal } from './gates.js'
import { FALSE, GateCircuit, TRUE, UNDEFINED } from './gates.js'
import type { Word } from './words.js'
import { Words } from './words.js'

/** A bit that is kept from one step to the next. */
export interface Memory {
  readonly source: Literal
  readonly next: Literal
  /** Its value before the first step. */
  readonly initial: '0' | '1' | 'x'
}

export interface SimulatedDesign {
  readonly circuit: GateCircuit
  readonly inputs: ReadonlyMap<string, readonly Literal[]>
  readonly outputs: ReadonlyMap<string, readonly Literal[]>
  readonly memories: readonly Memory[]
  /** Bits that may take any value at every step. */
  readonly free: readonly Literal[]
}

/** Larger designs are left to the solver. */
const MAXIMUM_GATES = 200_000

/**
 * Turns a flat module into gates. Flip-flops become gates around bits that remember clock, data and output of the step before, as `clk2fflogic` does:
 * an edge is a step in which the clock differs from the step before, and what is stored is the data of the step before.
 *
 * @throws Unsupported for unknown cells, combinational loops and very large designs
 */
export function simulated(module: Module): SimulatedDesign {
  return new Builder(module, new GateCircuit(), new Map()).build()
}

/**
 * Whether two designs without undefined values are the same gate for gate, with the same inputs and with registers of the same name taken as equal. Then, if
 * those start equal, the designs are equal for ever: a proof without a solver. False says nothing.
 */
export function sameLogic(one: Module, other: Module): boolean {
  const circuit = new GateCircuit()
  const sources = new Map<string, Literal>()
  try {
    const [a, b] = [one, other].map((module) => new Builder(module, circuit, sources).build())
    const equal = (left: readonly Literal[], right: readonly Literal[] | undefined): boolean => left.length === right?.length && left.every((literal, i) => literal === right[i])
    const kept = new Map(a!.memories.map((memory) => [memory.source, memory]))
    return [...a!.outputs].every(([name, bits]) => equal(bits, b!.outputs.get(name)))
      && a!.memories.length === b!.memories.length
      && b!.memories.every(({ source, next, initial }) => kept.get(source)?.next === next && kept.get(source)?.initial === initial)
  } catch (error) {
    if (error instanceof Unsupported || error instanceof RangeError) return false
    throw error
  }
}

class Builder {
  readonly #words: Words
  readonly #literals = new Map<string, Literal>()
  readonly #alias = new Map<string, string>()
  readonly #drivers = new Map<string, Cell>()
  readonly #active = new Set<Cell>()
  readonly #memories: Memory[] = []
  readonly #deferred: (() => void)[] = []
  readonly #free: Literal[] = []

  /** @param sources - inputs and stored bits by name, which a second design on the same circuit shares */
  constructor(private readonly module: Module, private readonly circuit: GateCircuit, private readonly sources: Map<string, Literal>) {
    this.#words = new Words(circuit)
  }

  build(): SimulatedDesign {
    const inputs = new Map<string, Literal[]>()
    for (const wire of this.module.wires.values()) {
      if (wire.direction !== 'input') continue
      const bits = Array.from({ length: wire.width }, (_, i) => this.#source(`${wire.name}:${i}`))
      bits.forEach((literal, i) => this.#literals.set(`${wire.name}:${i}`, literal))
      inputs.set(wire.name.slice(1), bits)
    }
    for (const [driven, driver] of this.module.connections) {
      const from = [...bitsOf(driver)]
      let i = 0
      for (const bit of bitsOf(driven)) this.#alias.set(bit, from[i++]!)
    }
    for (const cell of this.module.cells) {
      for (const bit of bitsOf(cell.ports.get('Y') ?? cell.ports.get('Q') ?? [])) this.#drivers.set(bit, cell)
    }
    const outputs = new Map<string, Literal[]>()
    for (const wire of this.module.wires.values()) {
      if (wire.direction === 'output') outputs.set(wire.name.slice(1), Array.from({ length: wire.width }, (_, i) => this.#literal(`${wire.name}:${i}`)))
    }
    // What is stored is only looked at once the rest stands: it may depend on the stored bits themselves.
    for (let next = this.#deferred.pop(); next; next = this.#deferred.pop()) next()
    return { circuit: this.circuit, inputs, outputs, memories: this.#memories, free: this.#free }
  }

  #literal(bit: string): Literal {
    const known = this.#literals.get(bit)
    if (known !== undefined) return known
    const literal = this.#resolve(bit)
    this.#literals.set(bit, literal)
    return literal
  }

  #resolve(bit: string): Literal {
    if (bit === '0') return FALSE
    if (bit === '1') return TRUE
    if (bit.length === 1) return UNDEFINED
    const alias = this.#alias.get(bit)
    if (alias !== undefined) return this.#literal(alias)
    const cell = this.#drivers.get(bit)
    if (!cell) return UNDEFINED
    if (this.#active.has(cell)) throw new Unsupported('combinational loops are not simulated')
    if (this.circuit.size > MAXIMUM_GATES) throw new Unsupported(`designs of more than ${MAXIMUM_GATES} gates are not simulated`)
    this.#active.add(cell)
    const word = this.#drive(cell)
    this.#active.delete(cell)
    let i = 0
    for (const driven of bitsOf(cell.ports.get('Y') ?? cell.ports.get('Q')!)) this.#literals.set(driven, word[i++] ?? FALSE)
    return this.#literals.get(bit)!
  }

  #word(cell: Cell, port: string): Word {
    const signal = cell.ports.get(port)
    if (!signal) throw new Unsupported(`a cell of type ${cell.type} lacks its port ${port}`)
    return [...bitsOf(signal)].map((bit) => this.#literal(bit))
  }

  #drive(cell: Cell): Word {
    switch (cell.type) {
      case '$dff': case '$adff': case '$dffe': case '$adffe': case '$aldff': case '$dffsr': return this.#flipFlop(cell)
      case '$dlatch': return this.#latch(cell)
      case '$anyseq': return [...bitsOf(cell.ports.get('Y')!)].map(() => {
        const literal = this.circuit.source()
        this.#free.push(literal)
        return literal
      })
      default: return outputOf(cell, (port) => this.#word(cell, port), this.#words)
    }
  }

  #flipFlop(cell: Cell): Word {
    const { mux, and } = bound(this.circuit)
    const clock = this.#word(cell, 'CLK')[0]! ^ (number(cell, 'CLK_POLARITY', 1) ^ 1)
    const bits = [...bitsOf(cell.ports.get('Q')!)]
    const before = this.#remember('1', `${bits[0]!} clock`)
    this.#later(before, () => clock)
    const edge = and(clock, before ^ 1)
    const reset = cell.ports.has('ARST') ? this.#word(cell, 'ARST')[0]! ^ (number(cell, 'ARST_POLARITY', 1) ^ 1) : FALSE
    const value = cell.parameters.get('ARST_VALUE')
    const enabled = cell.ports.has('EN') ? this.#remember('x', `${bits[0]!} enable`) : TRUE
    if (cell.ports.has('EN')) this.#later(enabled, () => this.#word(cell, 'EN')[0]! ^ (number(cell, 'EN_POLARITY', 1) ^ 1))
    const load = cell.ports.has('ALOAD') ? this.#word(cell, 'ALOAD')[0]! ^ (number(cell, 'ALOAD_POLARITY', 1) ^ 1) : FALSE
    const loaded = load === FALSE ? [] : this.#word(cell, 'AD')
    const set = cell.ports.has('SET') ? this.#word(cell, 'SET').map((bit) => bit ^ (number(cell, 'SET_POLARITY', 1) ^ 1)) : []
    const clear = cell.ports.has('CLR') ? this.#word(cell, 'CLR').map((bit) => bit ^ (number(cell, 'CLR_POLARITY', 1) ^ 1)) : []
    const initial = this.#initial(cell.ports.get('Q')!)
    return initial.map((first, i) => {
      const data = this.#remember('x', `${bits[i]!} data`)
      const stored = this.#remember(first, bits[i]!)
      this.#later(data, () => this.#literal([...bitsOf(cell.ports.get('D')!)][i]!))
      const clocked = mux(and(edge, enabled), stored, data)
      const afterLoad = load === FALSE ? clocked : mux(load, clocked, loaded[i]!)
      const afterSet = mux(clear[i] ?? FALSE, mux(set[i] ?? FALSE, afterLoad, TRUE), FALSE)
      const output = reset === FALSE ? afterSet : mux(reset, afterSet, constantBit(value, i))
      this.#later(stored, () => output)
      return output
    })
  }

  #latch(cell: Cell): Word {
    const open = this.#word(cell, 'EN')[0]! ^ (number(cell, 'EN_POLARITY', 1) ^ 1)
    const data = this.#word(cell, 'D')
    const bits = [...bitsOf(cell.ports.get('Q')!)]
    return this.#initial(cell.ports.get('Q')!).map((first, i) => {
      const stored = this.#remember(first, bits[i]!)
      const output = this.circuit.mux(open, stored, data[i]!)
      this.#later(stored, () => output)
      return output
    })
  }

  #initial(signal: Signal): Memory['initial'][] {
    return signal.flatMap((chunk) => {
      if (!('wire' in chunk)) throw new Unsupported('a stored constant')
      const initial = this.module.wires.get(chunk.wire)?.initial
      return Array.from({ length: chunk.width }, (_, i) => {
        const bit = initial?.[chunk.offset + i]
        return bit === '0' || bit === '1' ? bit : 'x'
      })
    })
  }

  readonly #initials = new Map<Literal, Memory['initial']>()

  #source(name: string): Literal {
    const literal = this.sources.get(name) ?? this.circuit.source()
    this.sources.set(name, literal)
    return literal
  }

  #remember(initial: Memory['initial'], name: string): Literal {
    const source = this.#source(`kept ${name}`)
    this.#initials.set(source, initial)
    return source
  }

  #later(source: Literal, next: () => Literal): void {
    this.#deferred.push(() => this.#memories.push({ source, next: next(), initial: this.#initials.get(source) ?? 'x' }))
  }
}

function bound(circuit: GateCircuit): Pick<GateCircuit, 'mux' | 'and'> {
  return { mux: (s, a, b) => circuit.mux(s, a, b), and: (a, b) => circuit.and(a, b) }
}

/** Bit `i` of a constant such as `8'0001xxxx`. */
function constantBit(text: string | undefined, i: number): Literal {
  const digits = text?.slice(text.indexOf('\'') + 1) ?? ''
  const digit = digits[digits.length - 1 - i]
  return digit === '1' ? TRUE : digit === '0' ? FALSE : UNDEFINED
}
