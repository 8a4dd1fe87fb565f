import type { HouseStyle } from './house.js'

/** Text of a module body: a nested list is indented one step deeper. */
export type Lines = readonly (string | Lines)[]

/** One arm of an if / else-if chain. */
export type Branch = readonly [condition: string, body: Lines]

export interface Port {
  readonly kind: 'input' | 'output' | 'output reg'
  readonly name: string
  /** In bits. */
  readonly width: number
}

export const input = (name: string, width = 1): Port => ({ kind: 'input', name, width })

/** Driven by `assign`. */
export const output = (name: string, width = 1): Port => ({ kind: 'output', name, width })

/** Driven by an always block. */
export const outputReg = (name: string, width = 1): Port => ({ kind: 'output reg', name, width })

/** `''` for one bit, `[7:0] ` for eight. */
const range = (width: number): string => width === 1 ? '' : `[${width - 1}:0] `

/** `8'd3`. */
export const decimal = (width: number, value: number | bigint): string => `${width}'d${value}`

/** `4'b0101`. */
export const binary = (width: number, value: number): string => `${width}'b${value.toString(2).padStart(width, '0')}`

/** `8'hff`. */
export const hexadecimal = (width: number, value: number): string => `${width}'h${value.toString(16).padStart(Math.ceil(width / 4), '0')}`

/** `{8{1'b1}}`, or the bit itself. */
export const repeat = (times: number, bit: string): string => times === 1 ? bit : `{${times}{${bit}}}`

/** Bits that count `values` different values: 1 for 2, 3 for 5. */
export const bitsFor = (values: number): number => Math.max(1, Math.ceil(Math.log2(values)))

/** The name of a module in a house: `gray8` becomes `gray8_core`. The specification must use it too. */
export const moduleName = (house: HouseStyle, base: string): string => `${base}${house.moduleSuffix}`

/** A variable that an always block drives: `reg [7:0] t;`, or `logic`. */
export const variable = (house: HouseStyle, name: string, width = 1): string => `${house.dialect === 'verilog' ? 'reg' : 'logic'} ${range(width)}${name};`

/** A net, with its driver if given: `wire [7:0] t = a + b;`. */
export function net(house: HouseStyle, name: string, width = 1, driver?: string): string {
  if (house.dialect === 'verilog' || driver !== undefined) return `wire ${range(width)}${name}${driver === undefined ? '' : ` = ${driver}`};`
  return `logic ${range(width)}${name};`
}

/** A memory or table: `reg [7:0] mem [0:15];`. */
export const memory = (house: HouseStyle, name: string, width: number, depth: number): string =>
  `${house.dialect === 'verilog' ? 'reg' : 'logic'} ${range(width)}${name} [0:${depth - 1}];`

/** The ports that every clocked design has. */
export const clockAndReset = (house: HouseStyle): readonly Port[] => [input(house.clock), input(house.reset.name)]

/** A whole design: ANSI header with one port a line, the body, and a newline at the end. `name` is the bare name, without suffix. */
export function moduleText(house: HouseStyle, name: string, ports: readonly Port[], body: Lines): string {
  const header = ports.map((port) => house.indent + portText(house, port)).join(',\n')
  return `module ${moduleName(house, name)} (\n${header}\n);\n${indented(house, body, 1)}endmodule\n`
}

function portText(house: HouseStyle, port: Port): string {
  const kind = house.dialect === 'verilog' ? port.kind : `${port.kind === 'input' ? 'input' : 'output'} logic`
  return `${kind} ${range(port.width)}${port.name}`
}

function indented(house: HouseStyle, lines: Lines, depth: number): string {
  return lines.map((line) => typeof line === 'string' ? `${house.indent.repeat(depth)}${line}\n` : indented(house, line, depth + 1)).join('')
}

/** An if / else-if / else chain in the house's begin-end style. */
export function choose(house: HouseStyle, branches: readonly Branch[], otherwise?: Lines): Lines {
  const arms: [head: string, body: Lines][] = branches.map(([condition, body], at) => [`${at === 0 ? '' : 'else '}if (${condition})`, body])
  if (otherwise !== undefined) arms.push(['else', otherwise])
  return arms.reduce<(string | Lines)[]>((text, [head, body]) => {
    const opened = text.at(-1) === 'end' ? `${String(text.pop())} ${head}` : head
    return [...text, ...headed(house, opened, body)]
  }, [])
}

/** `case` with one arm a line where an arm is one statement. A label may be `default`. */
export function caseOf(house: HouseStyle, selector: string, arms: readonly Branch[]): Lines {
  return [`case (${selector})`, arms.flatMap(([label, body]) => headed(house, `${label}:`, body, false)), 'endcase']
}

/** `always @(posedge clk ...)` that resets first, then takes the first branch whose condition holds, else `otherwise`. */
export function clocked(house: HouseStyle, reset: Lines, branches: readonly Branch[], otherwise?: Lines): Lines {
  return always(house, edgesText(house), choose(house, [[resetActive(house), reset], ...branches], otherwise))
}

/** A clocked block that no reset touches, for memories. */
export function clockedWithoutReset(house: HouseStyle, body: Lines): Lines {
  return always(house, `posedge ${house.clock}`, body)
}

/** `always @(*)` or `always_comb`. Every path must assign every output. */
export function combinational(house: HouseStyle, body: Lines): Lines {
  return headed(house, house.dialect === 'verilog' ? 'always @(*)' : 'always_comb', body)
}

/** The condition under which the design is in reset: `rst` or `!rst_n`. */
const resetActive = (house: HouseStyle): string => `${house.reset.activeLow ? '!' : ''}${house.reset.name}`

function edgesText({ clock, reset }: HouseStyle): string {
  return `posedge ${clock}${reset.asynchronous ? ` or ${reset.activeLow ? 'negedge' : 'posedge'} ${reset.name}` : ''}`
}

function always(house: HouseStyle, edges: string, body: Lines): Lines {
  return headed(house, `${house.dialect === 'verilog' ? 'always' : 'always_ff'} @(${edges})`, body)
}

/** A head and what belongs to it: on its line, or between begin and end where there are several statements or the house always writes them. */
function headed(house: HouseStyle, head: string, body: Lines, mayBegin = true): Lines {
  const [first] = body
  // An if inside an if is fenced, so that a later else finds its own.
  const fenced = typeof first !== 'string' || (/if \(.*\)$/.test(head) && first.startsWith('if '))
  const single = body.length === 1 && !fenced
  if (single && !(house.alwaysBegin && mayBegin)) return [`${head} ${first}`]
  return [`${head} begin`, body, 'end']
}

// Phrases for specifications.

/** `clock clk and active-low asynchronous reset rst_n`, said in several ways. */
export function clockAndResetPhrase(house: HouseStyle, phrasing: number): string {
  const { clock, reset } = house
  const level = reset.activeLow ? 'active-low' : 'active-high'
  const kind = reset.asynchronous ? 'asynchronous' : 'synchronous'
  return pick(phrasing, [
    `clock ${clock}, ${level} ${kind} reset ${reset.name}`,
    `clock ${clock} and ${kind} ${level} reset ${reset.name}`,
    `clocked by ${clock} with ${level} ${kind} reset ${reset.name}`,
    `clock input ${clock}, reset ${reset.name} (${kind}, ${level})`,
  ])
}

/** The phrase for this phrasing; phrasings beyond the list start over. */
export const pick = (phrasing: number, phrases: readonly [string, ...string[]]): string => phrases[phrasing % phrases.length]!

/** `a, b and c`. */
export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`
}
