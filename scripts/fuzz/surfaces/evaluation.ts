import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { designIn } from '../../../node/evaluation/design-in.js'
import { parseSamples } from '../../../node/evaluation/results.js'
import { readOwn } from '../../../node/evaluation/suites/own.js'
import { readSuite } from '../../../node/evaluation/suites/read-suite.js'
import { confine } from '../../../src/quality/testbench/confine.js'
import { readOutput } from '../../../src/quality/testbench/output.js'
import { renameModule, rootsOf, structureOf, targetOf } from '../../../src/quality/testbench/structure.js'
import { tokenise } from '../../../src/quality/verilog/lexer.js'

import type { Draw } from '../draw.js'
import { VERILOG } from '../examples/designs.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignText } from '../mutate-text.js'
import { foreignValue } from '../mutate-values.js'
import { Scratch } from '../scratch.js'
import { must, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const TESTBENCH = '`timescale 1ns/1ps\nmodule tb; reg a; wire y; inv #(.W(1)) dut(.a(a), .y(y)); helper h(); initial begin #1 if (y) $display("Your Design Passed"); $finish; end endmodule\nmodule helper; endmodule\n'
const REFERENCE = 'module verified_inv(input a, output y); assign y = ~a; endmodule\n'
const WORDS = [
  'module ', 'module a;', 'macromodule b(', 'endmodule', 'automatic ', 'tb', 'inv', 'dut', '(', ')', '#(', '#', '[', ']', ';', ',', '.', '.*', '=', '"', '""', '"""', '\\', '\\"', '//', '/*', '*/', '\n', ' ', '`', '`include "a"', '`define A ',
  '$display', '$display(', '$finish', '$fatal', '$fopen(', '$signed(', '$root', '$', '$a', 'begin ', 'end ', 'and g(', 'function ', ': ', '```', '```verilog\n', 'words ',
]

const structure = surface({
  name: 'testbench-structure',
  from: 'a user',
  make: (draw) => ({ testbench: foreignText([TESTBENCH, ...VERILOG], WORDS, draw), reference: foreignText([REFERENCE], WORDS, draw), top: draw.pick([undefined, 'inv', 'tb', '', '(']) }),
  feed: ({ testbench, reference, top }) => {
    const { modules, defined } = structureOf(testbench)
    must(modules.every(({ start, end }, at) => start >= (modules[at - 1]?.end ?? 0) && testbench.startsWith('m', start) && testbench.slice(start, end).endsWith('endmodule')), 'a module that is not where it is said to be')
    must(rootsOf(structureOf(testbench)).every((name) => defined.has(name)), 'a root that is not there')
    const target = targetOf(testbench, reference, top)
    must('refused' in target ? target.refused !== '' : /^\w+$/.test(target.top) && !defined.has(target.top), 'a testbench that tests what it defines')
    must(renameModule(renameModule(testbench, 'inv', 'meshwright_other'), 'meshwright_other', 'inv') === testbench || testbench.includes('meshwright_other'), 'a name that was changed there and back is another')
  },
})

const confined = surface({
  name: 'testbench-confine',
  from: 'a user',
  make: (draw) => foreignText([...VERILOG, 'module a; initial begin $display("x", f(1)); $monitor; end endmodule'], WORDS, draw),
  feed: (text) => {
    const result = confine(text)
    if ('refused' in result) return
    must(tokenise(result.text).every(({ kind, text: word }) => kind !== 'comment' && !/^\$(?:finish|stop|f(?!atal|loor)|display|write|system|root|readmem)/.test(word) && !(kind === 'string' && word.includes('$'))), 'a call is left in a design')
    must(result.text.length <= text.length + 10 * (text.split('$').length), 'a design has grown')
  },
})

const output = surface({
  name: 'testbench-output',
  from: 'a user',
  make: (draw) => ({
    text: foreignText(['Mismatches: 3 in 41 samples\n', '===========Your Design Passed===========\n', 'Test completed with  3 /100 failures\n'], ['Mismatches: ', '0', '99999999999999999999', ' in ', ' samples', 'Error', 'Failed', '=', '\n', '\r', 'MESHWRIGHT PASS', 'FATAL: ', 'TIMEOUT', ' ', 'completed with ', 'failures'], draw),
    code: draw.pick([0, 0, 1]),
  }),
  feed: ({ text, code }) => {
    const { outcome, reason } = readOutput(text, code, TESTBENCH)
    must(reason !== '' && reason.length < 1000 && (code === 0 || outcome === 'fail'), 'a reading without a reason, or a pass with an exit code')
  },
})

const answers = surface({
  name: 'model-answer',
  from: 'a user',
  make: (draw) => ({ answer: foreignText([...VERILOG, TESTBENCH, `Here:\n\`\`\`verilog\n${REFERENCE}\`\`\``], WORDS, draw), domain: draw.pick(['verilog', 'qasm'] as const), top: draw.pick([undefined, 'inv', 'tb', 'verified_inv']) }),
  feed: ({ answer, domain, top }) => { must(designIn(answer, domain, top).length <= answer.length + 2 * structureOf(answer).modules.length + 2, 'a design that is longer than the answer it was cut out of') },
})

const LINE = { id: 'a', domain: 'verilog', specification: 'Write module inv.', reference: REFERENCE, testbench: TESTBENCH, top: 'inv', category: 'c', header: 'module inv(input a, output y);' }
const SAMPLE = { suite: 's', problem: 'p', sample: 0, seed: 1, outcome: 'pass', reason: 'r', tool: 'yosys', writingMs: 1.5, checkingMs: 2, design: 'module a; endmodule' }
const JSON_WORDS = ['{', '}', '"', ',', ':', '\n', '\r', '[', '\\', '\\ud800', 'null', '1e999', '"__proto__":']

function jsonLines(value: unknown, draw: Draw): string {
  const lines = Array.from({ length: 1 + draw.below(4) }, () => JSON.stringify(draw.chance(0.3) ? value : foreignValue(value, draw)) as string | undefined ?? '')
  return draw.chance(0.3) ? foreignText([lines.join('\n')], JSON_WORDS, draw) : lines.join('\n')
}

const own = surface({
  name: 'evaluation-suite',
  from: 'a user',
  make: (draw) => jsonLines(LINE, draw),
  feed: (text) => { must(readOwn(text, 'own.jsonl', 'own').every(({ reference, testbench, specification }) => specification !== '' && (reference ?? testbench) !== undefined), 'a problem that nothing decides') },
})

const samples = surface({
  name: 'evaluation-samples',
  from: 'the disk',
  make: (draw) => {
    const bytes = Uint8Array.from(Buffer.from(`${jsonLines(SAMPLE, draw)}\n`))
    return draw.chance(0.3) ? foreignBytes(bytes, draw) : bytes
  },
  feed: (bytes) => {
    const { length } = parseSamples(bytes, 'samples.jsonl')
    must(length === 0 ? !bytes.includes(10) : bytes[length - 1] === 10 && !bytes.subarray(length).includes(10), 'a whole line is dropped, or a torn one kept')
  },
})

const scratch = new Scratch('suite')

/** Files of a suite, each as it should be, with changes, missing, or something that is no file. */
async function writeSuite(files: Readonly<Record<string, string>>, draw: Draw): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(scratch.folder, 'suite', name)
    await mkdir(path.dirname(file), { recursive: true })
    if (draw.chance(0.9)) await writeFile(file, draw.chance(0.6) ? text : foreignText([text], WORDS, draw))
    else if (draw.chance(0.3)) await mkdir(file)
    else if (draw.chance(0.3)) await symlink(draw.pick(['/nowhere', '.', name]), file)
  }
}

const folders = surface({
  name: 'evaluation-folder',
  from: 'a user',
  make: (draw) => ({ draw, rtllm: draw.chance(0.5) }),
  feed: async ({ draw, rtllm }) => {
    await rm(path.join(scratch.folder, 'suite'), { recursive: true, force: true })
    await mkdir(path.join(scratch.folder, 'suite'))
    const named = (id: string): Record<string, string> => rtllm
      ? { [`Group/${id}/design_description.txt`]: 'An inverter.\nModule name:\n  inv\n', [`Group/${id}/testbench.v`]: TESTBENCH, [`Group/${id}/verified_inv.v`]: REFERENCE, [`Group/${id}/known.dat`]: '2a\n' }
      : { [`${id}_prompt.txt`]: 'A module named TopModule.', [`${id}_ref.sv`]: REFERENCE, [`${id}_test.sv`]: TESTBENCH, [`${id}_ifc.txt`]: 'module TopModule(input a);' }
    await writeSuite({ ...named('Prob001_a'), ...draw.chance(0.5) ? named('Prob002_b') : {} }, draw)
    const { problems } = await readSuite(path.join(scratch.folder, 'suite'))
    must(problems.length > 0 && problems.every(({ testbench, specification, top }) => testbench !== undefined && specification.trim() !== '' && top !== undefined), 'a problem without its parts')
  },
  end: scratch.remove,
})

export const evaluationSurfaces: readonly Surface[] = [structure, confined, output, answers, own, samples, folders]
