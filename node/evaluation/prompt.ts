import type { Problem } from './problem.js'

/** What suites say to a chat model and what is no part of a specification. */
const COURTESIES = /^\s*(?:please act as a professional verilog designer\.?|give me the complete code\.?)\s*$/gim
const REQUEST = /^I would like you to implement a module named (\w+) with the following\s+interface\./

/** The specification as a model of ours is asked: without courtesies, with the module's name, and with the interface where the suite gives one. */
export function promptOf({ domain, specification, top, header }: Pick<Problem, 'domain' | 'specification' | 'top' | 'header'>): string {
  const text = specification.replace(COURTESIES, '').replace(REQUEST, 'Write a Verilog module named $1 with the following interface.').replace(/\n{3,}/g, '\n\n').trim()
  const isNamed = top === undefined || new RegExp(`(?<![\\w$])${top}(?![\\w$])`).test(`${text} ${header ?? ''}`)
  return [
    ...isNamed || domain === 'qasm' ? [] : [`Write a Verilog module named ${top}.`],
    text,
    ...header === undefined ? [] : [header],
  ].join('\n\n')
}
