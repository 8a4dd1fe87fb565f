import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import type { ExecutionContext } from 'ava'

import { checkerAddress, connectChecker, openChecker, QualityError, serveChecker } from '../../src/quality/index.js'
import type { Checker } from '../../src/quality/index.js'
import { findSandbox } from '../../src/quality/testbench/sandbox.js'
import { COMPARING, COUNTER, REFERENCE, skipped, STOPPING, TELLING, withoutSandbox } from './testbench-designs.js'

/** Each runs in a sandbox, or not at all. */
let checker: Checker
let missing: string | undefined
test.before(async () => {
  checker = openChecker({ workers: 2, timeoutMs: 2000 })
  missing = await withoutSandbox()
})
test.after.always(() => checker.close())

const sandboxed = (title: string, run: (t: ExecutionContext) => Promise<void>): void => {
  test(title, async (t) => { if (!skipped(t, missing)) await run(t) })
}

sandboxed('a right design passes each style of testbench, and a wrong one fails', async (t) => {
  for (const [testbench, reference] of [[COMPARING, REFERENCE], [TELLING, undefined], [TELLING, REFERENCE], [STOPPING, undefined]] as const) {
    const question = { testbench, ...reference === undefined ? {} : { reference } }
    const right = await checker.testbench({ candidate: COUNTER, ...question })
    t.like(right, { outcome: 'pass', tool: 'iverilog' }, right.reason)
    for (const candidate of [COUNTER.replace('q + 1', 'q + 2'), COUNTER.replace('if (rst)', 'if (!rst)'), COUNTER.replace('[3:0]', '[2:0]')]) {
      const wrong = await checker.testbench({ candidate, ...question })
      t.like(wrong, { outcome: 'fail', tool: 'iverilog' }, wrong.reason)
    }
  }
})

for (const [what, candidate, why] of [
  ['is no Verilog', 'this is not Verilog', /does not compile|defines no module/],
  ['has a syntax error', COUNTER.replace('q <= 0;', 'q <= ;'), /the design does not compile: line 2: syntax error/],
  ['is another module', COUNTER.replace('TopModule', 'Other'), /defines no module "TopModule"/],
  ['has other ports', COUNTER.replaceAll('rst', 'reset'), /does not fit the testbench: .*port "rst" is not a port/],
  ['defines the testbench anew', `${COUNTER}module testbench; initial $display("===========Your Design Passed==========="); endmodule`, /does not fit the testbench|already/],
  ['prints that it passed', COUNTER.replace('q + 1', 'q + 2').replace('endmodule', 'initial $display("Your Design Passed"); endmodule'), /failures/],
  ['reaches into the testbench', COUNTER.replace('q + 1', 'q + 2').replace('endmodule', 'always @(posedge clk) testbench.error = 0; endmodule'), /reaches into the testbench \(testbench\)/],
  ['reaches into an instance of the testbench', COUNTER.replace('q + 1', 'q + 2').replace('endmodule', 'always @(posedge clk) uut.error = 0; endmodule'), /the design does not compile/],
  ['reaches into the testbench with other parameters', COUNTER.replace('q + 1', 'q + 2').replace('endmodule', 'parameter W = 4; generate if (W == 5) always @(posedge clk) testbench . error = 0; endgenerate endmodule'), /reaches into the testbench/],
  ['reaches into the testbench where that has its macros', COUNTER.replace('q + 1', 'q + 2').replace('endmodule', '`ifdef OK\nalways @(posedge clk) testbench.error = 0;\n`endif\nendmodule'), /failures/],
  ['hangs', COUNTER.replace('endmodule', 'integer i; initial forever i = i + 1; endmodule'), /did not end within 2000 ms/],
  ['hangs between two moments', COUNTER.replace('endmodule', 'reg x = 0; always @(x) x <= ~x; initial x = 1; endmodule'), /did not end within 2000 ms/],
  ['takes for ever to elaborate', COUNTER.replace('endmodule', 'genvar g; generate for (g = 0; g < 2000000000; g = g + 1) begin : b wire w; end endgenerate endmodule'), /too long to compile|could not be compiled|does not compile/],
  ['takes all memory', COUNTER.replace('endmodule', 'reg [7:0] big [0:2000000000]; initial big[0] = 1; endmodule'), /compile|memory|fit/],
  ['floods the output', COUNTER.replace('endmodule', 'initial forever $display("flood"); endmodule'), /did not end|printed more/],
  ['expands macros without end', '`define A(x) x x x x x x x x\n`define B(x) `A(x) `A(x) `A(x) `A(x) `A(x) `A(x) `A(x) `A(x)\n`define C(x) `B(x) `B(x) `B(x) `B(x) `B(x) `B(x) `B(x) `B(x)\n`define D(x) `C(x) `C(x) `C(x) `C(x) `C(x) `C(x) `C(x) `C(x)\n`D(`D(wire w;))', /longer than|too long|compile/],
  ['includes a file of the host', `\`include "/etc/passwd"\n${COUNTER}`, /the design does not compile: .*Include file/i],
  ['includes the testbench', `\`include "testbench.sv"\n${COUNTER}`, /the design does not compile/],
  ['opens a file of the host', COUNTER.replace('endmodule', 'integer f; initial f = $fopen("/etc/passwd", "r"); endmodule'), /reads or writes files/],
  ['writes a file', COUNTER.replace('endmodule', 'integer f; initial begin f = $fopen("/tmp/meshwright-was-here", "w"); $fdisplay(f, "x"); end endmodule'), /reads or writes files/],
  ['ends the simulation before it is tested', COUNTER.replace('endmodule', 'initial $finish; endmodule'), /ends the simulation/],
] as const) {
  sandboxed(`a design that ${what} fails with its reason, and the next one is checked`, async (t) => {
    const verdict = await checker.testbench({ candidate, testbench: TELLING })
    t.like(verdict, { outcome: 'fail', tool: 'iverilog' }, verdict.reason)
    t.regex(verdict.reason, why)
    t.is((await checker.testbench({ candidate: `// ${what}\n${COUNTER}`, testbench: TELLING })).outcome, 'pass')
  })
}

for (const [what, question, why] of [
  ['a testbench with a syntax error', { testbench: TELLING.replace('#12 rst = 0;', '#12 rst = ;') }, /the testbench does not compile: line \d+: syntax error/],
  ['a reference with a syntax error', { testbench: COMPARING, reference: REFERENCE.replace('q <= 0;', 'q <= ;') }, /the reference does not compile/],
  ['a testbench that asks for a file that is not there', { testbench: TELLING.replace('module testbench;', '`include "missing.vh"\nmodule testbench;') }, /the testbench does not compile/],
  ['a testbench that cannot be elaborated', { testbench: TELLING.replace('reg clk', 'reg [3:0] a [0:1] = {4\'d1, 4\'d2}; reg clk') }, /the testbench does not compile/],
  ['a testbench that cannot be elaborated, with its reference', { testbench: TELLING.replace('reg clk', 'reg [3:0] a [0:1] = {4\'d1, 4\'d2}; reg clk'), reference: REFERENCE }, /own reference either/],
  ['a testbench that never ends', { testbench: TELLING.replace('$finish;', ''), reference: REFERENCE }, /does not end within 2000 ms, with its own reference either/],
  ['a testbench that tests nothing', { testbench: 'module tb; endmodule' }, /no instance/],
] as const) {
  sandboxed(`${what} is no fault of the design`, async (t) => {
    const verdict = await checker.testbench({ candidate: COUNTER, ...question })
    t.is(verdict.outcome, 'unknown', verdict.reason)
    t.regex(verdict.reason, why)
    // One that never ends may do so because of what it waits for in the design.
    t.is(verdict.isBenchAtFault ?? false, !what.includes('never ends'))
  })
}

sandboxed('a testbench is examined without a design', async (t) => {
  for (const bench of [{ testbench: TELLING }, { testbench: STOPPING, top: 'TopModule' }, { testbench: COMPARING, reference: REFERENCE }]) {
    t.like(await checker.examine(bench), { outcome: 'pass', tool: 'iverilog' })
  }
  for (const [bench, why] of [
    [{ testbench: TELLING.replace('#12 rst = 0;', '#12 rst = ;') }, /the testbench does not compile: line \d+: syntax error/],
    [{ testbench: COMPARING, reference: REFERENCE.replace('q <= 0;', 'q <= ;') }, /the reference does not compile/],
    // With no reference beside it, two modules are missing.
    [{ testbench: COMPARING }, /instances of RefModule, TopModule: say which/],
    [{ testbench: TELLING, top: 'Other' }, /no instance of "Other"/],
  ] as const) {
    const verdict = await checker.examine(bench)
    t.is(verdict.outcome, 'fail', verdict.reason)
    t.regex(verdict.reason, why)
  }
})

sandboxed('a testbench reads the files that come with it', async (t) => {
  const testbench = TELLING.replace('integer error = 0, i;', 'integer error = 0, i; reg [7:0] known [0:1]; initial begin $readmemh("known.dat", known); if (known[1] !== 8\'h2b) error = 1; end')
  t.is((await checker.testbench({ candidate: COUNTER, testbench, files: { 'known.dat': '2a\n2b\n' } })).outcome, 'pass')
  t.is((await checker.testbench({ candidate: COUNTER, testbench, files: { 'known.dat': '2a\n2c\n' } })).outcome, 'fail')
})

sandboxed('a sandbox shows no file, process, variable or network of the host, takes nothing in, and ends with all that it started', async (t) => {
  const found = await findSandbox(process.env['PATH']!)
  if (!('sandbox' in found)) return t.fail(found.missing)
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => { server.once('listening', resolve) })
  const { port } = server.address() as AddressInfo
  process.env['MESHWRIGHT_TEST_SECRET'] = 'secret'
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-host-'))
  t.teardown(() => { server.close(); rmSync(folder, { recursive: true }) })
  const { output } = await found.sandbox.run({
    files: { 'a.txt': 'in the job' }, cpuMs: 4000,
    script: `cat /job/a.txt; cat /etc/passwd; ls ${folder} ${process.cwd()} /root /home /proc; env; echo x > /job/b; echo x > /usr/b; echo x > ${folder}/b; (echo > /dev/tcp/127.0.0.1/${port}) && echo connected; bash -c 'echo > /dev/tcp/127.0.0.1/${port}' && echo connected; ls /; head -c 100000000 /dev/zero > big; ls -l big`,
  })
  t.regex(output, /^in the job/)
  t.notRegex(output, /root:|secret|connected|package\.json|home|etc/)
  t.true(Number(/(\d+) \w+ +\d+ [\d:]+ big/.exec(output)?.[1] ?? 0) <= 16 << 20)
  t.deepEqual(readdirSync(folder), [])
  // Two hundred processes that wait are more than it may have.
  const many = await found.sandbox.run({ script: 'ulimit -u; i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; echo all', files: {}, cpuMs: 1000 })
  if (Number.parseInt(many.output) > 0) t.notRegex(many.output, /all/)
  t.is((await found.sandbox.run({ script: 'while :; do echo flood; done', files: {}, cpuMs: 4000 })).ended, 'too loud')
  t.is((await checker.testbench({ candidate: `// after\n${COUNTER}`, testbench: TELLING })).outcome, 'pass')
})

sandboxed('a check that is given up ends, and what is left of it with it; a closed checker refuses more', async (t) => {
  const own = openChecker({ workers: 1, timeoutMs: 60_000 })
  const hanging = { candidate: COUNTER.replace('endmodule', 'integer i; initial forever i = i + 1; endmodule'), testbench: TELLING }
  const controller = new AbortController()
  const given = own.testbench(hanging, { signal: controller.signal })
  setTimeout(() => controller.abort(), 500)
  await t.throwsAsync(given, { instanceOf: QualityError, code: 'CHECKER_ABORTED' })
  const [running, waiting] = [own.testbench(hanging), own.testbench({ ...hanging, candidate: COUNTER })]
  setTimeout(() => void own.close(), 500)
  for (const check of [running, waiting]) await t.throwsAsync(check, { instanceOf: QualityError, code: 'CHECKER_CLOSED' })
  await t.throwsAsync(own.testbench(hanging), { instanceOf: QualityError, code: 'CHECKER_CLOSED' })
})

sandboxed('a checker of another process runs testbenches, too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mw-'))
  const server = await serveChecker(checker, checkerAddress(folder))
  const client = connectChecker(server.socketPath)
  t.teardown(async () => {
    await client.close()
    await server.close()
    rmSync(folder, { recursive: true })
  })
  t.like(await client.testbench({ candidate: `// far\n${COUNTER}`, testbench: COMPARING, reference: REFERENCE, top: 'TopModule' }), { outcome: 'pass', tool: 'iverilog' })
  t.like(await client.examine({ testbench: COMPARING, reference: REFERENCE }), { outcome: 'pass', tool: 'iverilog' })
  t.like(await client.testbench({ candidate: COUNTER, testbench: 'module tb; endmodule' }), { outcome: 'unknown', isBenchAtFault: true })
})
