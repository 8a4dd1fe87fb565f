import { describing } from './description.js'
import type { FoundDesign } from './example.js'
import { moduleInterface } from './interface.js'
import { codeOnly } from './text.js'

export interface DerivedSpecification {
  readonly text: string
  /** What people said about the design; empty where it only has a name and ports. */
  readonly description: string
}

/**
 * A specification for a design that came without one: what its header says, its name, parameters and ports.
 *
 * @returns undefined where neither a description nor ports were found, so that nobody could write the design from it
 */
export function deriveSpecification(found: FoundDesign): DerivedSpecification | undefined {
  return found.domain === 'verilog' ? verilogSpecification(found) : qasmSpecification(found)
}

function verilogSpecification({ design, header }: FoundDesign): DerivedSpecification | undefined {
  const module = moduleInterface(design)
  if (!module) return undefined
  const { name, parameters, ports } = module
  const description = describing(header, name)
  if (ports.length === 0 && description === '') return undefined
  const sentences = [
    `Verilog module ${name}.`,
    description,
    parameters.length > 0 ? `Parameters: ${parameters.join(', ')}.` : '',
    ports.length > 0 ? `Ports: ${ports.join(', ')}.` : '',
  ]
  return { text: sentences.filter((sentence) => sentence !== '').join(' '), description }
}

function qasmSpecification({ design, header }: FoundDesign): DerivedSpecification | undefined {
  const code = codeOnly(design)
  const description = describing(header)
  const registers = [...code.matchAll(/\b(?:qreg|creg)\s+(\w+)\s*\[\s*(\d+)\s*\]|\b(qubit|bit)\s*\[\s*(\d+)\s*\]\s*(\w+)/g)]
    .map(([, oldName, oldSize, , newSize, newName]) => `${(oldName ?? newName)!}[${(oldSize ?? newSize)!}]`)
  if (registers.length === 0 || description === '') return undefined
  const version = /\bOPENQASM\s+(\d)/.exec(code)?.[1] ?? '2'
  return { text: `OpenQASM ${version} circuit on ${registers.join(', ')}. ${description}`, description }
}
