/** Verilog with most of what the reader of sources looks for. */
export const VERILOG = [
  `\`timescale 1ns/1ps
\`define WIDTH 8
// Copyright (c) 2020 A Company. All rights reserved.

// Description: an adder with a carry.
\`ifdef SYNTHESIS
module adder #(parameter WIDTH = 8, parameter type T = logic [7:0]) (
  input  wire [WIDTH-1:0] a, b,
  input  logic clk /* the clock */,
  output reg  [WIDTH:0] y
);
  always @(posedge clk) y <= a + b;
endmodule : adder
\`else
module adder(a, b, y); input a, b; output y; assign y = a ^ b; endmodule
\`endif
`,
  `package p; typedef enum logic [1:0] { A, B = 2'd2, C } state_t; endpackage
(* keep *) module fsm import p::*; (input wire clk, rst_n, output p::state_t s);
  parameter [7:0] SECRET = 8'hff; localparam L = 4;
  function automatic [3:0] f(input [3:0] x); return x; endfunction
  initial $display("module not_one; // \\" endmodule");
  assert property (@(posedge clk) s != C) else $error("x");
  always_comb s = '{default: A};
endmodule`,
]

/** OpenQASM 2 and 3. */
export const QASM = [
  `OPENQASM 2.0;
include "qelib1.inc";
// A Bell pair.
qreg q[2];
creg c[2];
gate bell(theta) a, b { h a; cx a, b; rz(theta / 2) b; }
bell(pi) q[0], q[1];
barrier q;
measure q -> c;
if (c == 3) x q[0];
`,
  `OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
for int i in [0:2] { h q[i]; ctrl @ rz(2 ** i * pi / 8) q[i], q[(i + 1) % 3]; }
inv @ pow(2) @ t q[1];
negctrl(2) @ x q[0], q[1], q[2];
reset q[0];
c = measure q;
if (c[0] == 1 && !c[1]) { x q[2]; } else z q[2];
`,
]
