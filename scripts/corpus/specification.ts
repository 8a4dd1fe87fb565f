import type { HouseStyle } from './house.js'
import type { Port } from './verilog-text.js'
import { clockAndResetPhrase, list, pick } from './verilog-text.js'

/** What a specification says about a Verilog design; `specify` says it in several ways. */
export interface Statement {
  /** Name of the module, with the house's suffix. */
  readonly module: string
  /** What it is, without article: `8-bit adder with carry in`. */
  readonly title: string
  /** All ports but clock and reset, in the order of the design. */
  readonly ports: readonly Port[]
  /** What it does, one clause or more, without a full stop. Begins with a small letter or a name. */
  readonly rule: string
  /** Given for clocked designs: clock and reset are told from it. */
  readonly clocking?: HouseStyle
}

/** Ways in which `specify` arranges a statement. */
export const FRAMES = 6

/** The specification in one of `FRAMES` arrangements. */
export function specify(phrasing: number, { module, title, ports, rule, clocking }: Statement): string {
  const inputs = ports.filter((port) => port.kind === 'input')
  const outputs = ports.filter((port) => port.kind !== 'input')
  const clock = clocking === undefined ? '' : clockAndResetPhrase(clocking, phrasing)
  const comma = clock === '' ? '' : `, ${clock}`
  const sentence = clock === '' ? '' : ` ${clock[0]!.toUpperCase()}${clock.slice(1)}.`
  return pick(phrasing, [
    `Design a Verilog module named ${module}: ${withArticle(title)}. Inputs: ${counted(inputs)}. Outputs: ${counted(outputs)}.${sentence} ${startOf(rule)}.`,
    `Write module ${module}, ${withArticle(title)}. It has ${spoken(inputs, 'input')}, and ${spoken(outputs, 'output')}${comma}. ${startOf(rule)}.`,
    `${module} is ${withArticle(title)}: ${rule}. Inputs ${ranged(inputs)}; outputs ${ranged(outputs)}.${sentence}`,
    `I need ${withArticle(title)} called ${module}, where ${rule}. It takes ${spoken(inputs, 'input')} and drives ${spoken(outputs, 'output')}${comma}.`,
    `Implement ${withArticle(title)}, module name ${module}${comma}. ${startOf(rule)}. Ports: inputs ${counted(inputs)}, outputs ${counted(outputs)}.`,
    `Create ${module} (${title}; inputs ${ranged(inputs)}; outputs ${ranged(outputs)}${comma}) such that ${rule}.`,
  ])
}

/** `a` or `an` before a title. */
export const withArticle = (title: string): string => `${/^(8|11\b|18\b|[aeio](?!ne-)|un(?!i))/.test(title) ? 'an' : 'a'} ${title}`

/** A clause as a sentence. A name keeps its letters: only common first words are raised. */
function startOf(clause: string): string {
  return clause.replace(/^(when|if|the|for|each|bit|all|on|at|while|every|it|as|in) /, (word) => word[0]!.toUpperCase() + word.slice(1))
}

/** Neighbours of equal width together. */
function groups(ports: readonly Port[]): { width: number, names: string[] }[] {
  const found: { width: number, names: string[] }[] = []
  for (const { name, width } of ports) {
    const last = found.at(-1)
    if (last?.width === width) last.names.push(name)
    else found.push({ width, names: [name] })
  }
  return found
}

/** `a, b (8 bits each), cin (1 bit)`. */
const counted = (ports: readonly Port[]): string => groups(ports).map(({ width, names }) =>
  `${names.join(', ')} (${width} bit${width === 1 ? '' : 's'}${names.length > 1 ? ' each' : ''})`).join(', ')

/** `8-bit inputs a and b, 1-bit input cin`. */
const spoken = (ports: readonly Port[], noun: string): string => list(groups(ports).map(({ width, names }) =>
  `${width}-bit ${noun}${names.length > 1 ? 's' : ''} ${names.join(', ')}`))

/** `[7:0] a, b, bit cin`. */
const ranged = (ports: readonly Port[]): string => groups(ports).map(({ width, names }) =>
  `${width === 1 ? 'bit' : `[${width - 1}:0]`} ${names.join(', ')}`).join(', ')
