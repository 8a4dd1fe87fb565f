/** A run of bits of one wire, or constant bits; least significant first. */
export type Chunk
  = | { readonly wire: string, readonly offset: number, readonly width: number }
    | { readonly bits: string }

/** Least significant chunk first. */
export type Signal = readonly Chunk[]

export interface Wire {
  readonly name: string
  readonly width: number
  readonly direction?: 'input' | 'output' | 'inout'
  /** Power-up value, least significant bit first; `x` where there is none. */
  readonly initial?: string
}

export interface Cell {
  readonly type: string
  readonly name: string
  /** Constants as Yosys writes them: `1'1`, `8`, `"text"`. */
  readonly parameters: ReadonlyMap<string, string>
  readonly ports: ReadonlyMap<string, Signal>
}

export interface Module {
  readonly name: string
  readonly wires: ReadonlyMap<string, Wire>
  readonly cells: readonly Cell[]
  /** Pairs of (driven, driver). */
  readonly connections: readonly (readonly [Signal, Signal])[]
}

/**
 * Reads the modules of an RTLIL text as `write_rtlil` prints it after `proc` and `memory_map`: no processes, no memories.
 *
 * @see Yosys manual, "RTLIL text representation"
 */
export function parseRtlil(text: string): Module[] {
  const modules: Module[] = []
  let module: { name: string, wires: Map<string, Wire>, cells: Cell[], connections: (readonly [Signal, Signal])[] } | undefined
  let cell: { type: string, name: string, parameters: Map<string, string>, ports: Map<string, Signal> } | undefined
  let initial: string | undefined
  for (const line of text.split('\n')) {
    const words = line.trim().split(' ')
    const parser = new SignalParser(words)
    switch (words[0]) {
      case 'module': module = { name: words[1]!, wires: new Map(), cells: [], connections: [] }; break
      case 'attribute': if (words[1] === '\\init') initial = constantBits(words[2]!); break
      case 'wire': {
        if (!module) break
        const wire = parseWire(words, initial)
        module.wires.set(wire.name, wire)
        initial = undefined
        break
      }
      case 'cell': cell = { type: words[1]!, name: words[2]!, parameters: new Map(), ports: new Map() }; break
      case 'parameter': if (cell) cell.parameters.set(words.at(-2)!.slice(1), words.at(-1)!); break
      case 'connect': {
        if (!module) break
        if (cell) {
          parser.at = 2
          cell.ports.set(words[1]!.slice(1), parser.signal(module.wires))
        } else {
          parser.at = 1
          const driven = parser.signal(module.wires)
          module.connections.push([driven, parser.signal(module.wires)])
        }
        break
      }
      case 'end': {
        if (cell) module?.cells.push(cell)
        else if (module) modules.push(module)
        if (!cell) module = undefined
        cell = undefined
        break
      }
    }
  }
  return modules
}

function parseWire(words: readonly string[], initial: string | undefined): Wire {
  const name = words.at(-1)!
  const at = words.indexOf('width')
  const direction = (['input', 'output', 'inout'] as const).find((kind) => words.includes(kind))
  return { name, width: at < 0 ? 1 : Number(words[at + 1]), ...direction && { direction }, ...initial !== undefined && { initial } }
}

/** The bits of `8'0001xx10` or of a plain integer, least significant first. */
export function constantBits(word: string): string {
  const quote = word.indexOf('\'')
  if (quote < 0) return reversed((Number(word) >>> 0).toString(2).padStart(32, '0'))
  const width = Number(word.slice(0, quote))
  const digits = word.slice(quote + 1)
  return reversed(digits.padStart(width, digits.startsWith('x') ? 'x' : '0'))
}

const reversed = (text: string): string => Array.from(text).reverse().join('')

class SignalParser {
  at = 0

  constructor(private readonly words: readonly string[]) {}

  signal(wires: ReadonlyMap<string, Wire>): Signal {
    const word = this.words[this.at++]!
    if (word === '{') {
      const parts: Chunk[][] = []
      while (this.words[this.at] !== '}') parts.push([...this.signal(wires)])
      this.at++
      return parts.reverse().flat()
    }
    if (!/^[\\$]/.test(word)) return [{ bits: constantBits(word) }]
    let chunk = { wire: word, offset: 0, width: wires.get(word)?.width ?? 1 }
    for (let slice = SLICE.exec(this.words[this.at] ?? ''); slice; slice = SLICE.exec(this.words[this.at] ?? '')) {
      const high = Number(slice[1])
      const low = slice[2] === undefined ? high : Number(slice[2])
      chunk = { wire: word, offset: chunk.offset + low, width: high - low + 1 }
      this.at++
    }
    return [chunk]
  }
}

const SLICE = /^\[(\d+)(?::(\d+))?\]$/

/** One bit as text: `0`, `1`, `x`, `z`, or `\wire:3`. */
export function* bitsOf(signal: Signal): Generator<string> {
  for (const chunk of signal) {
    if ('bits' in chunk) yield* chunk.bits
    else for (let i = 0; i < chunk.width; i++) yield `${chunk.wire}:${chunk.offset + i}`
  }
}
