/** Small suites in each form, written into a folder. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { COMPARING, REFERENCE, TELLING } from '../quality/testbench-designs.js'

export const INVERTER = 'module inv(input [3:0] a, output [3:0] y);\n  assign y = ~a;\nendmodule\n'
export const BELL = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nh q[0];\ncx q[0], q[1];\n'

export function verilogEvalSuite(folder: string): string {
  const suite = join(folder, 'verilog-eval')
  mkdirSync(suite, { recursive: true })
  for (const [id, reference] of [['Prob001_count', REFERENCE], ['Prob002_down', REFERENCE.replace('q + 1', 'q - 1')]] as const) {
    writeFileSync(join(suite, `${id}_prompt.txt`), '\nI would like you to implement a module named TopModule with the following\ninterface. All input and output ports are one bit unless otherwise specified.\n\n - input  clk\n - input  rst\n - output q (4 bits)\n\nThe module counts.\n')
    writeFileSync(join(suite, `${id}_ref.sv`), reference)
    writeFileSync(join(suite, `${id}_test.sv`), COMPARING)
  }
  return suite
}

export function rtllmSuite(folder: string): string {
  const suite = join(folder, 'rtllm')
  for (const [category, name] of [['Arithmetic/Counter', 'counter'], ['Memory', 'recorder']] as const) {
    const at = join(suite, category, name)
    mkdirSync(at, { recursive: true })
    const top = `${name}_4`
    writeFileSync(join(at, 'design_description.txt'), `Please act as a professional verilog designer.\n\nA counter of 4 bits.\n\nModule name:\n    ${top}\n\nGive me the complete code.\n`)
    writeFileSync(join(at, 'testbench.v'), TELLING.replace('TopModule', top).replace('integer error = 0, i;', 'integer error = 0, i; reg [7:0] known [0:1]; initial begin $readmemh("known.dat", known); if (known[1] !== 8\'h2b) error = 1; end'))
    writeFileSync(join(at, `verified_${name}.v`), REFERENCE.replace('RefModule', `verified_${name}`))
    writeFileSync(join(at, 'known.dat'), '2a\n2b\n')
  }
  return suite
}

export interface OwnLine {
  readonly id: string
  readonly domain: string
  readonly specification: string
  readonly reference?: string
  readonly testbench?: string
  readonly top?: string
  readonly category?: string
}

export const OWN_LINES: readonly OwnLine[] = [
  { id: 'inverter', domain: 'verilog', specification: 'Module inv: y is a, inverted.', reference: INVERTER, category: 'small' },
  { id: 'counter', domain: 'verilog', specification: 'A 4-bit counter with synchronous reset.', testbench: TELLING, reference: REFERENCE, top: 'TopModule', category: 'small' },
  { id: 'bell', domain: 'qasm', specification: 'A Bell pair.', reference: BELL, category: 'quantum' },
]

export function ownSuite(folder: string, lines: readonly OwnLine[] = OWN_LINES, name = 'own.jsonl'): string {
  const file = join(folder, name)
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}
