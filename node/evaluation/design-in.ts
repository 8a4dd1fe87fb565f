import type { Domain } from '../../src/quality/index.js'
import { structureOf } from '../../src/quality/index.js'

/** Text that begins like this before a module is code, and else what a model says about it. */
const CODE = /^\s*(?:`|\/\/|\/\*|\(\*|(?:typedef|package|import|parameter|localparam|function|timeunit)\b)/

/**
 * Cuts a design out of a model's answer: out of a fenced block where there is one, and without modules that the one asked for does not use,
 * such as a testbench that nobody asked for.
 *
 * @param top - the module that is asked for, where it is known
 */
export function designIn(answer: string, domain: Domain, top?: string): string {
  const block = fenced(answer, domain)
  const text = block ?? answer
  if (domain === 'qasm') return text.trim() === '' ? '' : `${text.trim()}\n`
  const { modules } = structureOf(text)
  if (modules.length === 0) return text.trim()
  const used = top === undefined || !modules.some(({ name }) => name === top) ? new Set(modules.map(({ name }) => name)) : reachable(modules, top)
  let design = ''
  let between = ''
  let end = 0
  for (const { name, start, end: next } of modules) {
    const gap = text.slice(end, start)
    between += block !== undefined || CODE.test(gap) ? gap : directives(gap)
    if (used.has(name)) {
      design += between + text.slice(start, next)
      between = ''
    }
    end = next
  }
  return `${design.trim()}\n`
}

function fenced(answer: string, domain: Domain): string | undefined {
  // Every second part lies between fences; its first line names a language.
  const blocks = answer.split('```').flatMap((part, at) => at % 2 === 1 && part.includes('\n') ? [part.slice(part.indexOf('\n') + 1)] : [])
  const wanted = domain === 'verilog' ? /\bmodule\b/ : /\b(?:OPENQASM|qubit|qreg)\b/
  return blocks.find((block) => wanted.test(block)) ?? blocks[0]
}

function reachable(modules: ReturnType<typeof structureOf>['modules'], top: string): Set<string> {
  const below = new Map<string, string[]>()
  for (const { name, instantiates } of modules) below.set(name, [...below.get(name) ?? [], ...instantiates])
  const used = new Set([top])
  // A set that grows while it is walked is walked to its end.
  for (const name of used) for (const one of below.get(name) ?? []) used.add(one)
  return used
}

/** Lines of compiler directives, with those that continue them. */
function directives(gap: string): string {
  const kept = [...gap.matchAll(/^[ \t]*`(?!``)\w[^\n]*(?:\\\n[^\n]*)*$/gm)].map(([line]) => line)
  return kept.length === 0 ? '\n' : `\n${kept.join('\n')}\n`
}
