import type { FoundDesign } from './example.js'
import { codeOnly } from './text.js'

/** Header lines that say who may use a file rather than what it does. */
const LEGAL = /copyright|licen[sc]e|all rights reserved|warrant|permission|redistribut|spdx|without limitation|liab|©|confidential|proprietary|author|e-?mail|date\s*:|version\s*:|revision|history/i
const LONGEST_DESCRIPTION = 600

/**
 * A specification for a design that came without one: what its header says, its name and its ports.
 *
 * @returns undefined where neither a description nor ports were found, so that nobody could write the design from it
 */
export function deriveSpecification(found: FoundDesign): string | undefined {
  const description = describing(found.header)
  return found.domain === 'verilog' ? verilogSpecification(found.design, description) : qasmSpecification(found.design, description)
}

function verilogSpecification(design: string, description: string): string | undefined {
  const name = /\bmodule\s+(?:automatic\s+)?(\w+)/.exec(codeOnly(design))?.[1]
  const ports = verilogPorts(design)
  if (name === undefined || (ports.length === 0 && description === '')) return undefined
  const list = ports.length > 0 ? ` Ports: ${ports.join(', ')}.` : ''
  return `Verilog module ${name}.${description === '' ? '' : ` ${description}`}${list}`
}

/** Ports as `input [7:0] data`, in order of their declaration, ANSI or not. */
export function verilogPorts(design: string): string[] {
  const code = codeOnly(design)
  const ports: string[] = []
  const declaration = /\b(input|output|inout)\s+((?:wire|reg|logic|signed|unsigned|integer|\s)*)((?:\[[^\]]*\]\s*)*)([A-Za-z_]\w*(?:\s*,\s*(?!\s*(?:input|output|inout)\b)[A-Za-z_]\w*)*)/g
  for (const [, direction, , range, names] of code.matchAll(declaration)) {
    for (const name of names!.split(',')) ports.push([direction!, range!.replace(/\s+/g, ''), name.trim()].filter((part) => part !== '').join(' '))
  }
  return ports
}

function qasmSpecification(design: string, description: string): string | undefined {
  const code = codeOnly(design)
  const registers = [...code.matchAll(/\b(?:qreg|creg)\s+(\w+)\s*\[\s*(\d+)\s*\]|\b(qubit|bit)\s*\[\s*(\d+)\s*\]\s*(\w+)/g)]
    .map(([, oldName, oldSize, , newSize, newName]) => `${(oldName ?? newName)!}[${(oldSize ?? newSize)!}]`)
  if (registers.length === 0 || description === '') return undefined
  const version = /\bOPENQASM\s+(\d)/.exec(code)?.[1] ?? '2'
  return `OpenQASM ${version} circuit on ${registers.join(', ')}. ${description}`
}

function describing(header: string): string {
  const said = header.split('\n').map((line) => line.trim()).filter((line) => line.length > 3 && !LEGAL.test(line)).join(' ').replace(/\s+/g, ' ')
  if (said.length <= LONGEST_DESCRIPTION) return said
  const cut = said.slice(0, LONGEST_DESCRIPTION)
  return cut.slice(0, Math.max(cut.lastIndexOf('. ') + 1, cut.lastIndexOf(' ')))
}
