import type { Cell, Module, Signal, Wire } from './rtlil.js'
import { bitsOf } from './rtlil.js'

export interface Port {
  readonly name: string
  readonly direction: 'input' | 'output' | 'inout'
  readonly width: number
}

/** A one-bit input and the level or edge that counts. */
export interface Control {
  readonly port: string
  readonly active: 0 | 1
}

/** How a design keeps state. It decides which model of time compares it exactly. */
export interface Clocking {
  readonly registers: readonly Register[]
  /** The one clock edge on which everything is stored; undefined without registers, with several clocks or edges, and with latches. */
  readonly clock?: Control
  /** The design keeps state of any kind. */
  readonly stateful: boolean
  /** The clocks found, however they are used. */
  readonly clockPorts: readonly string[]
  /** All asynchronous resets that are inputs; without any, the inputs that reset registers synchronously. */
  readonly resets: readonly Control[]
  /** Every register, or none, is reset asynchronously, and all by the same input. */
  readonly uniformReset: boolean
  readonly asynchronous: boolean
  /** Stored bits that have no name in the source, so that nothing can be said about their power-up value. */
  readonly hasUnnamed: boolean
}

export interface Register {
  /** As the source names it, with a bit range where only a part is stored together. */
  readonly name: string
  readonly width: number
  /** Whether the source gives a power-up value. */
  readonly initial: 'none' | 'partial' | 'full'
  /** `edge`: only a clock edge changes it, so that its output is its state. `reset`: so does an input. `other`: latches and the like. */
  readonly kind: 'edge' | 'reset' | 'other'
  /** The input that resets a register of kind `reset`, and to what. */
  readonly reset?: Control & { readonly value: string }
}

export interface Netlist {
  readonly top: string
  readonly ports: readonly Port[]
  readonly clocking: Clocking
  /** One-bit inputs that are read otherwise than as a clock. */
  readonly dataInputs: readonly string[]
  /** The design holds constants that are neither 0 nor 1, or nets that nothing drives. */
  readonly hasUndefined: boolean
  /** Operations whose result can be undefined for defined inputs: division by zero, selection out of range. */
  readonly createsUndefined: boolean
}

const STATE = /^\$_?(?:a?s?dffe?|sdffce|aldffe?|dffsre?|a?dlatch(?:sr)?|sr|ff|adffe?)/i
const PARTIAL = /^\$(?:div|mod|divfloor|modfloor|shiftx|pow)$/
const EDGE_TRIGGERED = /^\$(?:dff|adff)$/

export function analyse(module: Module): Netlist {
  const wires = module.wires
  const ports = [...wires.values()].flatMap((wire) => wire.direction
    ? [{ name: wire.name.slice(1), direction: wire.direction, width: wire.width }]
    : [])
  const hasUndefined = module.cells.some((cell) => [...cell.ports.values()].some(isUndefined)) || module.connections.some(([, driver]) => isUndefined(driver))
  const drivers = new Drivers(module)
  return { top: module.name.slice(1), ports, clocking: clockingOf(module, drivers), dataInputs: dataInputs(module, drivers), hasUndefined, createsUndefined: module.cells.some((cell) => PARTIAL.test(cell.type)) }
}

const isUndefined = (signal: Signal): boolean => signal.some((chunk) => 'bits' in chunk && /[xzm-]/.test(chunk.bits))

function clockingOf(module: Module, drivers: Drivers): Clocking {
  const state = module.cells.filter((cell) => STATE.test(cell.type))
  const registers = state.flatMap((cell) => registersOf(cell, module.wires, drivers))
  const clocks = new Map<string, Control>()
  let synchronous = true
  for (const cell of state) {
    const clock = drivers.input(cell.ports.get('CLK'))
    if (!clock || !EDGE_TRIGGERED.test(cell.type)) synchronous = false
    if (!clock) continue
    const active = levelOf(cell, 'CLK_POLARITY')
    clocks.set(`${clock}:${active}`, { port: clock, active })
  }
  const clockPorts = [...new Set([...clocks.values()].map((clock) => clock.port))]
  const asynchronous = state.filter((cell) => cell.ports.has('ARST'))
  const asyncResets = tally(asynchronous.flatMap((cell) => control(drivers.input(cell.ports.get('ARST')), levelOf(cell, 'ARST_POLARITY'))))
  // A reset that logic derives could depend on the state that it resets, which the model of whole cycles does not show.
  if (asynchronous.some((cell) => drivers.input(cell.ports.get('ARST')) === undefined)) synchronous = false
  const syncResets = tally(state.flatMap((cell) => synchronousResets(cell, drivers)).filter((found) => !clockPorts.includes(found.port)))
  const resets = asyncResets.size > 0 ? oneLevelEach(asyncResets) : oneLevelEach(syncResets, ({ control, count }) => RESET_NAME.test(control.port) || count === state.length)
  return {
    registers,
    stateful: state.length > 0,
    hasUnnamed: state.some((cell) => (cell.ports.get('Q') ?? []).some((chunk) => 'wire' in chunk && !chunk.wire.startsWith('\\'))),
    clockPorts,
    ...synchronous && clocks.size === 1 && { clock: [...clocks.values()][0]! },
    resets,
    asynchronous: asynchronous.length > 0,
    uniformReset: asynchronous.length === 0 || (asynchronous.length === state.length && asyncResets.size === 1),
  }
}

const levelOf = (cell: Cell, parameter: string): 0 | 1 => cell.parameters.get(parameter)?.endsWith('0') === true ? 0 : 1

const control = (port: string | undefined, active: 0 | 1): Control[] => port === undefined ? [] : [{ port, active }]

interface Tallied { readonly control: Control, readonly count: number }

function tally(found: readonly Control[]): Map<string, Tallied> {
  const counts = new Map<string, Tallied>()
  for (const control of found) {
    const key = `${control.port}:${control.active}`
    counts.set(key, { control, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return counts
}

const RESET_NAME = /(?:^|_)(?:[as]?(?:rst|reset)|arstn?|rstn|nrst|resetn|areset|aresetn|clr|clear)(?:_?[nbil])?(?:_|$)|reset|rst/i

/** Those that are wanted, except inputs that some registers take as active at 0 and others at 1: a word like "load" or "select" is no reset. */
function oneLevelEach(found: ReadonlyMap<string, Tallied>, wanted: (one: Tallied) => boolean = () => true): Control[] {
  const all = [...found.values()]
  return all.filter((one) => wanted(one) && all.filter(({ control }) => control.port === one.control.port).length === 1)
    .map(({ control }) => control)
    .sort((a, b) => a.port < b.port ? -1 : 1)
}

/** Inputs that alone make the register load a constant: the selects of its last multiplexers. */
function synchronousResets(cell: Cell, drivers: Drivers): Control[] {
  const found: Control[] = []
  let data = cell.ports.get('D')
  for (let level = 0; data && level < 4; level++) {
    const mux = drivers.cell(data)
    if (mux?.type !== '$mux') break
    const [a, b] = [mux.ports.get('A')!, mux.ports.get('B')!]
    const constant = [a, b].map((side) => side.every((chunk) => 'bits' in chunk))
    const select = drivers.level(mux.ports.get('S')!)
    if (select && constant[1]) found.push(select)
    if (select && constant[0]) found.push({ port: select.port, active: select.active === 1 ? 0 : 1 })
    data = constant[1] ? a : constant[0] ? b : undefined
  }
  return found
}

function registersOf(cell: Cell, wires: ReadonlyMap<string, Wire>, drivers: Drivers): Register[] {
  const kind = cell.type === '$dff' ? 'edge' : cell.type === '$adff' ? 'reset' : 'other'
  const port = kind === 'reset' ? drivers.input(cell.ports.get('ARST')) : undefined
  return (cell.ports.get('Q') ?? []).flatMap((chunk) => {
    if (!('wire' in chunk) || !chunk.wire.startsWith('\\')) return []
    const wire = wires.get(chunk.wire)
    if (!wire) return []
    const range = chunk.width === wire.width ? '' : ` [${chunk.offset + chunk.width - 1}:${chunk.offset}]`
    return [{ name: wire.name.slice(1) + range, width: chunk.width, initial: initialOf(wire, chunk.offset, chunk.width), kind, ...port !== undefined && { reset: { port, active: levelOf(cell, 'ARST_POLARITY'), value: cell.parameters.get('ARST_VALUE') ?? '' } } }]
  })
}

function initialOf(wire: Wire, offset: number, width: number): Register['initial'] {
  const bits = wire.initial?.slice(offset, offset + width) ?? ''
  if (!/[01]/.test(bits)) return 'none'
  return /[^01]/.test(bits) ? 'partial' : 'full'
}

function dataInputs(module: Module, drivers: Drivers): string[] {
  const read = new Set<string>()
  for (const cell of module.cells) {
    for (const [port, signal] of cell.ports) {
      if (port === 'CLK' && STATE.test(cell.type)) continue
      for (const bit of bitsOf(signal)) read.add(drivers.source(bit))
    }
  }
  for (const wire of module.wires.values()) {
    if (wire.direction === 'output') for (let i = 0; i < wire.width; i++) read.add(drivers.source(`${wire.name}:${i}`))
  }
  return [...module.wires.values()].filter((wire) => wire.direction === 'input' && wire.width === 1 && read.has(`${wire.name}:0`)).map((wire) => wire.name.slice(1))
}

/** Follows connections and cells from a signal back to what drives it. */
class Drivers {
  readonly #alias = new Map<string, string>()
  readonly #cells = new Map<string, Cell>()

  constructor(private readonly module: Module) {
    for (const [driven, driver] of module.connections) {
      const from = [...bitsOf(driver)]
      let i = 0
      for (const bit of bitsOf(driven)) this.#alias.set(bit, from[i++]!)
    }
    for (const cell of module.cells) {
      for (const bit of bitsOf(cell.ports.get('Y') ?? [])) this.#cells.set(bit, cell)
    }
  }

  source(bit: string): string {
    let at = bit
    for (let next = this.#alias.get(at), steps = 0; next !== undefined && steps < 64; next = this.#alias.get(at), steps++) at = next
    return at
  }

  /** The one-bit input port that a signal is, if it is one. */
  input(signal: Signal | undefined): string | undefined {
    const bits = signal ? [...bitsOf(signal)] : []
    if (bits.length !== 1) return undefined
    const [name] = this.source(bits[0]!).split(/:(?=\d+$)/)
    const wire = this.module.wires.get(name!)
    return wire?.direction === 'input' && wire.width === 1 ? wire.name.slice(1) : undefined
  }

  /** The cell that drives all of a signal. */
  cell(signal: Signal): Cell | undefined {
    const cells = new Set([...bitsOf(signal)].map((bit) => this.#cells.get(this.source(bit))))
    return cells.size === 1 ? [...cells][0] : undefined
  }

  /** The input, and the level of it, that makes a one-bit signal 1. */
  level(signal: Signal): Control | undefined {
    let at: Signal | undefined = signal
    let active: 0 | 1 = 1
    for (let steps = 0; at && steps < 8; steps++) {
      const port = this.input(at)
      if (port !== undefined) return { port, active }
      const cell: Cell | undefined = this.cell(at)
      if (cell?.type !== '$not' && cell?.type !== '$logic_not') return undefined
      active = active === 1 ? 0 : 1
      at = cell.ports.get('A')
    }
    return undefined
  }
}
