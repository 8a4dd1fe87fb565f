import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { platform } from 'node:process'

import test from 'ava'
import fc from 'fast-check'

import { openChecker } from '../../src/quality/index.js'
import type { Checker } from '../../src/quality/index.js'
import { confine } from '../../src/quality/testbench/confine.js'
import { readOutput } from '../../src/quality/testbench/output.js'
import { findSandbox } from '../../src/quality/testbench/sandbox.js'
import { asDesign, renameModule, rootsOf, structureOf, stubOf, targetOf } from '../../src/quality/testbench/structure.js'
import { normalise, tokenise } from '../../src/quality/verilog/lexer.js'
import { COMPARING, COUNTER, REFERENCE, STOPPING, TELLING } from './testbench-designs.js'
import { FIFO } from './verilog-pairs.js'

/** A checker that finds no tools, whatever is installed. */
let bare: Checker
test.before(() => { bare = openChecker({ workers: 1, timeoutMs: 60_000, toolPath: '' }) })
test.after.always(() => bare.close())

test('a testbench tells which module it tests, which are its roots, and whether it needs the reference', (t) => {
  t.deepEqual(targetOf(COMPARING, REFERENCE, undefined), { top: 'TopModule', roots: ['tb'], needsReference: true })
  t.deepEqual(targetOf(COMPARING, REFERENCE, 'TopModule'), { top: 'TopModule', roots: ['tb'], needsReference: true })
  t.deepEqual(targetOf(TELLING, undefined, undefined), { top: 'TopModule', roots: ['testbench'], needsReference: false })
  t.deepEqual(targetOf(TELLING, COUNTER, undefined), { top: 'TopModule', roots: ['testbench'], needsReference: false })
  t.deepEqual(targetOf('module tb; fifo #(.W(8), .D(f(2))) dut [3:0] (.a(1)); and g1(x, y); bufif0 b(x, y, z); initial $display("adder a(b);"); endmodule', undefined, undefined), { top: 'fifo', roots: ['tb'], needsReference: false })
  for (const [bench, top, why] of [
    ['hello', undefined, /no module in the testbench/],
    ['module tb; endmodule', undefined, /no instance of a module/],
    ['module tb; a x(); b y(); endmodule', undefined, /instances of a, b: say which/],
    ['module tb; a x(); endmodule', 'b', /no instance of "b"/],
  ] as const) {
    const target = targetOf(bench, undefined, top)
    t.regex('refused' in target ? target.refused : '', why)
  }
})

test('a module is renamed where it is defined and instantiated, and nowhere else', (t) => {
  const text = '// add adds\nmodule add(input add_a, output y); /* add */ add u(.add(add_a)); initial $display("add"); endmodule : add\nmodule top; add #(3) v(1, 2); wire [3:0] w = x.add; endmodule'
  t.is(renameModule(text, 'add', 'sum'), '// add adds\nmodule sum(input add_a, output y); /* add */ sum u(.add(add_a)); initial $display("add"); endmodule : sum\nmodule top; sum #(3) v(1, 2); wire [3:0] w = x.add; endmodule')
  t.is(asDesign(REFERENCE, COMPARING, 'TopModule'), COUNTER)
  t.is(asDesign(COUNTER, TELLING, 'TopModule'), COUNTER)
  t.is(asDesign('module a; endmodule module b; endmodule', TELLING, 'TopModule'), undefined)
  t.deepEqual(rootsOf(structureOf(text)), ['top'])
  t.is(stubOf('module tb; fifo #(.W(f(8)), .D(2)) dut [1:0] (.a(x.y), .b, .c({p, q})); endmodule', 'fifo'), 'module fifo #(parameter W = 0, parameter D = 0)(input a, input b, input c); endmodule\n')
})

test('a design keeps all but comments and what it prints', (t) => {
  t.deepEqual(confine(COUNTER), { text: COUNTER })
  const chatty = 'module m(input a, output b); // says\n  initial begin $display("a $finish b", f(a)); $dumpvars; if (a) $write("x"); else $monitor("y"); end\n  assign b = $signed(a);\nendmodule'
  const confined = confine(chatty)
  t.is('text' in confined ? normalise(confined.text) : '', 'module m ( input a , output b ) ; initial begin begin end begin end if ( a ) begin end else begin end end assign b = $signed ( a ) ; endmodule')
})

for (const [what, line, why] of [
  ['ends the simulation', 'initial $finish;', /ends the simulation by itself \(\$finish\)/],
  ['stops the simulation', 'initial #1 $stop(0);', /ends the simulation/],
  ['opens a file', 'integer f; initial f = $fopen("/etc/passwd", "r");', /reads or writes files \(\$fopen\)/],
  ['reads a file into a memory', 'reg [7:0] r [0:3]; initial $readmemh("/etc/hostname", r);', /reads or writes files/],
  ['calls the system', 'initial $system("id");', /calls \$system/],
  ['reaches to the root', 'initial $root.tb.errors = 0;', /reaches out of itself/],
  ['hides a call in what it prints', 'initial $display($fopen("x"));', /calls a task within \$display/],
  ['prints in another form', 'initial fork $display join', /another form/],
  ['hides a call between triple quotes', 'parameter P = """ " """; initial $finish; parameter Q = " ";', /ends the simulation|could hide/],
  ['hides a call in a text', 'parameter P = " $finish; ";', /could hide/],
] as const) {
  test(`a design that ${what} is refused before it runs`, (t) => {
    const confined = confine(`module m;\n${line}\nendmodule`)
    t.regex('refused' in confined ? confined.refused : 'taken', why)
  })
}

test('no design keeps a call that is not harmless, and what is kept is what stood there', (t) => {
  const words = fc.constantFrom('module m;', 'endmodule', '$finish', '$display', '$fopen', '$signed', '(', ')', ';', '"', '\\', '\\"', '//', '/*', '*/', '\n', '""', '"""', '`include', 'begin', 'end', 'a', '=', '1', '$', '#')
  fc.assert(fc.property(fc.array(words, { maxLength: 40 }).map((list) => list.join(' ')), (text) => {
    const confined = confine(text)
    if ('refused' in confined) return
    const left = tokenise(confined.text)
    t.true(left.every((token) => token.kind !== 'comment' && (token.kind !== 'system' || ['$signed', '$fatal'].includes(token.text)) && !(token.kind === 'string' && token.text.includes('$'))))
    t.deepEqual(confine(confined.text), confined, 'confined once is confined')
    if (!text.includes('$display')) t.deepEqual(left.map((token) => token.text), tokenise(text).filter(({ kind }) => kind !== 'comment').map((token) => token.text))
  }), { numRuns: 3000 })
})

for (const [what, output, code, bench, outcome, reason] of [
  ['VerilogEval, right', 'Hint: Output \'q\' has no mismatches.\nSimulation finished at 10 ps\nMismatches: 0 in 41 samples\n', 0, COMPARING, 'pass', /no mismatch in 41 samples/],
  ['VerilogEval, wrong', 'Hint: Output \'q\' has 3 mismatches. First mismatch occurred at time 5.\nMismatches: 3 in 41 samples\n', 0, COMPARING, 'fail', /3 mismatches in 41 samples: Output 'q' has 3/],
  ['VerilogEval, given up', 'TIMEOUT\nMismatches: 0 in 41 samples\n', 0, COMPARING, 'fail', /gave up waiting/],
  ['VerilogEval, no sample', 'Mismatches: 0 in 0 samples\n', 0, COMPARING, 'unknown', /took no sample/],
  ['RTLLM, right', '===========Your Design Passed===========\n', 0, TELLING, 'pass', /Your Design Passed/],
  ['RTLLM, wrong', '===========Error===========\n', 0, TELLING, 'fail', /the testbench said: "=+Error=+"/],
  ['RTLLM, failures counted', '=========== Test completed with          20 /100 failures ===========', 0, TELLING, 'fail', /20 \/100 failures/],
  ['RTLLM, no failures counted', 'Test completed with 0 failures\n===========Your Design Passed===========', 0, TELLING, 'pass', /Passed/],
  ['RTLLM, a failed step before the pass', 'Failed at i= 3, out=1\n=========== Your Design Passed ===========', 0, TELLING, 'fail', /Failed at i=/],
  ['RTLLM, nothing said', '', 0, TELLING, 'fail', /without the line that it has for designs that pass/],
  ['ours, right', 'MESHWRIGHT PASS\n', 0, STOPPING, 'pass', /MESHWRIGHT PASS/],
  ['ours, fatal', 'FATAL: testbench.sv:9: 4 errors\n', 1, STOPPING, 'fail', /4 errors/],
  ['a pass does not outweigh the exit code', 'MESHWRIGHT PASS\n', 1, STOPPING, 'fail', /ended with code 1/],
  ['errors are words, not parts of words', 'errors_seen 0\nmirrors failedover\nMESHWRIGHT PASS', 0, STOPPING, 'pass', /PASS/],
  ['a testbench that never says', 'all done\n', 0, 'module tb; initial $display("all done"); endmodule', 'unknown', /print MESHWRIGHT PASS, or call \$fatal/],
] as const) {
  test(`output of testbenches: ${what}`, (t) => {
    const reading = readOutput(output, code, bench)
    t.is(reading.outcome, outcome, reading.reason)
    t.regex(reading.reason, reason)
  })
}

test('without tools, the reference decides and the verdict says so', async (t) => {
  for (const testbench of [COMPARING, TELLING]) {
    t.like(await bare.testbench({ candidate: COUNTER, testbench, reference: REFERENCE }), { outcome: 'pass', tool: 'yosys' })
    const wrong = await bare.testbench({ candidate: COUNTER.replace('q + 1', 'q + 2'), testbench, reference: REFERENCE })
    t.like(wrong, { outcome: 'fail', tool: 'yosys' })
    t.regex(wrong.reason, /output "q" .* compared with the reference/)
  }
})

test('without tools and without a reference, the verdict is unknown and says what to install', async (t) => {
  const verdict = await bare.testbench({ candidate: COUNTER, testbench: TELLING })
  t.like(verdict, { outcome: 'unknown', tool: 'none' })
  t.regex(verdict.reason, /install the package iverilog, and bubblewrap/)
  const broken = await bare.testbench({ candidate: COUNTER, testbench: TELLING, reference: 'module broken(' })
  t.is(broken.outcome, 'unknown')
})

test('without tools, it is known before there is a design what can be decided', async (t) => {
  const alone = await bare.examine({ testbench: TELLING })
  t.like(alone, { outcome: 'unknown', tool: 'none' })
  t.regex(alone.reason, /install the package iverilog, and bubblewrap/)
  const compared = await bare.examine({ testbench: TELLING, reference: REFERENCE })
  t.like(compared, { outcome: 'pass', tool: 'yosys' })
  t.regex(compared.reason, /the reference decides: iverilog is not installed/)
  t.like(await bare.examine({ testbench: 'hello' }), { outcome: 'fail', reason: 'there is no module in the testbench' })
  const long = await bare.examine({ testbench: `// ${'x'.repeat(1 << 18)}\n${TELLING}` })
  t.is(long.outcome, 'fail')
  t.regex(long.reason, /the testbench has \d+ bytes, and at most/)
})

if (platform === 'linux') {
  for (const [what, tools, says] of [
    ['there is no simulator', [], /iverilog is not installed: install/],
    ['there is half a simulator', ['iverilog', 'bwrap'], /iverilog is not installed: install/],
    ['there is no sandbox', ['iverilog', 'vvp'], /bwrap is not installed, and no testbench runs without a sandbox: install the package bubblewrap/],
    ['the simulator lies where the sandbox does not show it', ['iverilog', 'vvp', 'bwrap'], /iverilog lies outside \/usr/],
  ] as const) {
    test(`no testbench runs where ${what}`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'mw-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      for (const name of tools) {
        writeFileSync(join(folder, name), '#!/bin/sh\nexit 1\n')
        chmodSync(join(folder, name), 0o755)
      }
      const found = await findSandbox(folder)
      t.regex('missing' in found ? found.missing : 'found one', says)
      const own = openChecker({ workers: 1, toolPath: folder })
      t.like(await own.testbench({ candidate: COUNTER, testbench: TELLING }), { outcome: 'unknown', tool: 'none' })
      await own.close()
    })
  }

  test('no testbench runs where bwrap can make no sandbox', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'mw-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'bwrap'), '#!/bin/sh\necho "bwrap: No permissions to create a new namespace" >&2\nexit 1\n')
    chmodSync(join(folder, 'bwrap'), 0o755)
    chmodSync(folder, 0o755)
    const found = await findSandbox(`${folder}:${process.env['PATH'] ?? ''}`)
    t.regex('missing' in found ? found.missing : 'found one', /No permissions to create a new namespace\), and no testbench runs without one: allow user namespaces|iverilog is not installed/)
  })
}

test('requests of another form, and texts beyond the limit, are refused without a tool', async (t) => {
  for (const name of ['../x', '/etc/passwd', '', 'a/b', 'design.sv', '.hidden']) {
    await t.throwsAsync(bare.testbench({ candidate: COUNTER, testbench: TELLING, files: { [name]: '' } }), { code: 'CHECKER_REQUEST_INVALID' }, name)
  }
  const long = `// ${'x'.repeat(300_000)}`
  t.is((await bare.testbench({ candidate: long, testbench: TELLING })).outcome, 'fail')
  t.is((await bare.testbench({ candidate: COUNTER, testbench: long })).outcome, 'unknown')
  t.is((await bare.testbench({ candidate: COUNTER, testbench: TELLING, files: { 'a.dat': long } })).outcome, 'unknown')
  t.true('text' in confine(FIFO))
})
