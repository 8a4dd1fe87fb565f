/** A design of a few lines, testbenches of it in each style, and what tests ask of both. */
import type { ExecutionContext } from 'ava'

import { findSandbox } from '../../src/quality/testbench/sandbox.js'

export const COUNTER = `module TopModule(input clk, input rst, output reg [3:0] q);
  always @(posedge clk) if (rst) q <= 0; else q <= q + 1;
endmodule
`

export const REFERENCE = COUNTER.replace('TopModule', 'RefModule')

/** VerilogEval's style: the reference runs beside the design. */
export const COMPARING = `\`timescale 1 ps/1 ps
\`define OK 12
module stimulus_gen(input clk, output reg rst);
  initial begin rst = 1; repeat (3) @(posedge clk); rst <= 0; repeat (40) @(posedge clk) rst <= ($random % 8 == 0); #1 $finish; end
endmodule
module tb();
  reg clk = 0;
  initial forever #5 clk = ~clk;
  wire rst; wire [3:0] q_ref, q_dut;
  integer errors = 0, clocks = 0;
  initial begin $dumpfile("wave.vcd"); $dumpvars(1, clk, q_ref, q_dut); end
  stimulus_gen stim1(.clk, .*, .rst);
  RefModule good1(.clk, .rst, .q(q_ref));
  TopModule top_module1(.clk, .rst, .q(q_dut));
  always @(negedge clk) begin clocks = clocks + 1; if (q_ref !== (q_ref ^ q_dut ^ q_ref)) errors = errors + 1; end
  final $display("Mismatches: %1d in %1d samples", errors, clocks);
endmodule
`

/** RTLLM's style: the testbench knows what is right, and says so in a line. */
export const TELLING = `\`timescale 1ns / 1ps
module testbench;
  reg clk = 0, rst = 1; wire [3:0] q; integer error = 0, i;
  TopModule uut(.clk(clk), .rst(rst), .q(q));
  always #5 clk = ~clk;
  initial begin
    #12 rst = 0;
    for (i = 0; i < 20; i = i + 1) begin #1 error = (q === i % 16) ? error : error + 1; #9; end
    if (error == 0) $display("===========Your Design Passed===========");
    else $display("===========Test completed with %d /20 failures===========", error);
    $finish;
  end
endmodule
`

/** Our own: \`$fatal\` where something is wrong. */
export const STOPPING = TELLING.replace(/if \(error == 0\)[\s\S]*?error\);/, 'if (error != 0) $fatal(1, "%0d errors", error); $display("MESHWRIGHT PASS");')

/** Why no testbench runs on this machine; undefined where they do. */
export async function withoutSandbox(): Promise<string | undefined> {
  const found = await findSandbox(process.env['PATH'] ?? '')
  return 'missing' in found ? found.missing : undefined
}

/** Says in the test's output that it was not run, and why. */
export function skipped(t: ExecutionContext, missing: string | undefined): boolean {
  if (missing === undefined) return false
  t.log(`NOT RUN, since ${missing}`)
  t.pass()
  return true
}
