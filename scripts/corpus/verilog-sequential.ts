import { defineFamily, type Family, type Point } from './family.js'
import type { HouseStyle } from './house.js'
import { span } from './points.js'
import { clockAndReset, clockAndResetPhrase, moduleName, moduleText, pick, type Lines, type Port } from './verilog-text.js'

type Names = HouseStyle['names']

/** What a specification says beside the module's name, clock and reset. */
export interface Wording {
  /** With its article: `a modulo-12 up counter`. */
  readonly what: string
  /** What the reset does, as in `clearing count`. */
  readonly reset: string
  /** The same behaviour in four wordings: every port with its width, every priority, every corner. */
  readonly behaviour: readonly [string, string, string, string]
}

export interface Coding {
  readonly outputs: readonly Port[]
  readonly body: Lines
}

/** A clocked family in the parts that differ from family to family. */
export interface SequentialDesign<P extends Point> {
  readonly name: string
  readonly trainingPoints: readonly P[]
  readonly evaluationPoints: readonly P[]
  /** The module's name without the house's suffix. */
  module(point: P): string
  wording(point: P, names: Names): Wording
  /** Beside clock and reset. */
  inputs(point: P, names: Names): readonly Port[]
  readonly codings: readonly ((point: P, house: HouseStyle) => Coding)[]
}

/** Four wordings of the behaviour, each under two openings. */
const PHRASINGS = 8

export function sequentialFamily<P extends Point>(design: SequentialDesign<P>): Family {
  return defineFamily<P>({
    name: design.name,
    domain: 'verilog',
    kind: 'sequential',
    trainingPoints: design.trainingPoints,
    evaluationPoints: design.evaluationPoints,
    phrasings: PHRASINGS,
    codings: design.codings.length,
    describe: (point, house, phrasing) => specification(house, design.module(point), design.wording(point, house.names), phrasing),
    write(point, house, coding) {
      const { outputs, body } = design.codings[coding]!(point, house)
      return moduleText(house, design.module(point), [...clockAndReset(house), ...design.inputs(point, house.names), ...outputs], body)
    },
  })
}

function specification(house: HouseStyle, base: string, { what, reset, behaviour }: Wording, phrasing: number): string {
  const module = moduleName(house, base)
  const second = Math.floor(phrasing / 4)
  const opening = pick(phrasing + second, [
    `Write module ${module}: ${what}`,
    `Design ${what} as module ${module}`,
    `Module ${module} is ${what}`,
    `Implement ${what} named ${module}`,
  ])
  return `${opening}, ${clockAndResetPhrase(house, phrasing + 2 * second)} ${reset}. ${behaviour[phrasing % 4]!}`
}

/** `4-bit ` before a port's name, nothing for one bit. */
export const wide = (width: number): string => width === 1 ? '' : `${width}-bit `

/** `3rd`, `12th`, `21st`. */
export function ordinal(count: number): string {
  const last = Math.floor(count / 10) % 10 === 1 ? 0 : count % 10
  return `${count}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`
}

/** The binary word's Gray code, most significant bit first, from the expression of the word. */
export const toGray = (binary: string): string => `${binary} ^ (${binary} >> 1)`

/** A concatenation that turns Gray code back to binary: each bit is the parity of the Gray bits from it upwards. */
export function fromGray(gray: string, width: number): string {
  const top = width - 1
  return `{${span(0, top).reverse().map((bit) => bit === top ? `${gray}[${top}]` : `^${gray}[${top}:${bit}]`).join(', ')}}`
}
