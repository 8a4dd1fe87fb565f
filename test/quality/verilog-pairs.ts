/** Pairs of designs of which it is known whether they do the same. `edit` turns the reference into the candidate. */
export interface Pair {
  readonly what: string
  readonly reference: string
  readonly edit: readonly [string, string]
  readonly outcome: 'pass' | 'fail' | 'unknown'
}

export const ACCUMULATOR = `module m(input clk, input rst, input [7:0] d, input en, output reg [7:0] q, output [7:0] y);
  assign y = en ? q ^ d : q + d;
  always @(posedge clk) if (rst) q <= 0; else if (en) q <= q + d;
endmodule
`
export const FIFO = `module m #(parameter D = 8)(input clk, input rst_n, input wr, input rd, input [7:0] din, output [7:0] dout, output full, output empty);
  reg [7:0] mem [0:D-1];
  reg [3:0] wp, rp;
  assign empty = wp == rp;
  assign full = wp[2:0] == rp[2:0] && wp[3] != rp[3];
  assign dout = mem[rp[2:0]];
  always @(posedge clk or negedge rst_n)
    if (!rst_n) begin wp <= 0; rp <= 0; end
    else begin
      if (wr && !full) begin mem[wp[2:0]] <= din; wp <= wp + 1; end
      if (rd && !empty) rp <= rp + 1;
    end
endmodule
`
const TOGGLE = 'module m(input clk, input t, output reg q); always @(posedge clk) if (t) q <= ~q; endmodule'
const REGISTER = 'module m(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule'
const INITIALISED = 'module m(input clk, input en, output reg [3:0] q); initial q = 0; always @(posedge clk) if (en) q <= q + 1; endmodule'
const MINUTES = 'module m(input clk, input rst, input en, output reg [5:0] q); always @(posedge clk) if (rst) q <= 0; else if (en) q <= q == 59 ? 0 : q + 1; endmodule'
const OPEN_CASE = 'module m(input [1:0] s, input a, b, output reg y); always @(*) case (s) 0: y = a; 1: y = b; default: y = 1\'bx; endcase endmodule'
const LATCHLESS = 'module m(input [1:0] s, input a, b, output reg y); always @(*) begin y = 0; case (s) 0: y = a; 1: y = b; endcase end endmodule'
const MACHINE = `module m(input clk, input rst, input x, output reg y);
  localparam A = 0, B = 1, C = 2;
  reg [1:0] s;
  always @(posedge clk or posedge rst) if (rst) s <= A; else case (s) A: s <= x ? B : A; B: s <= x ? C : A; C: s <= x ? C : A; default: s <= A; endcase
  always @(*) y = s == C;
endmodule`
const DIVIDER = 'module m(input [3:0] a, b, output [3:0] q, r); assign q = a / b; assign r = a % b; endmodule'
const TWO_CLOCKS = `module m(input wclk, rclk, wrst, rrst, input d, output reg q);
  reg w; reg r;
  always @(posedge wclk or posedge wrst) if (wrst) w <= 0; else w <= d;
  always @(posedge rclk or posedge rrst) if (rrst) begin r <= 0; q <= 0; end else begin r <= w; q <= r; end
endmodule`
const MULTIPLIER = 'module m(input clk, input [7:0] a, b, output reg [15:0] y); always @(posedge clk) y <= a * b; endmodule'
const HIERARCHY = `module half(input a, b, output s, c); assign s = a ^ b; assign c = a & b; endmodule
module m(input a, b, cin, output s, cout); wire t, c1, c2; half one(.a(a), .b(b), .s(t), .c(c1)); half two(.a(t), .b(cin), .s(s), .c(c2)); assign cout = c1 | c2; endmodule`

export const PAIRS: readonly Pair[] = [
  { what: 'the terms of a sum exchanged', reference: ACCUMULATOR, edit: ['q + d;\nendmodule', 'd + q;\nendmodule'], outcome: 'pass' },
  { what: 'another operator', reference: ACCUMULATOR, edit: ['q ^ d', 'q | d'], outcome: 'fail' },
  { what: 'another value after reset', reference: ACCUMULATOR, edit: ['q <= 0', 'q <= 1'], outcome: 'fail' },
  { what: 'the other clock edge', reference: ACCUMULATOR, edit: ['posedge', 'negedge'], outcome: 'fail' },
  { what: 'an asynchronous reset for a synchronous one', reference: ACCUMULATOR, edit: ['posedge clk', 'posedge clk or posedge rst'], outcome: 'fail' },
  { what: 'a reset of the other polarity', reference: ACCUMULATOR, edit: ['if (rst)', 'if (!rst)'], outcome: 'fail' },
  { what: 'a pointer advanced in another notation', reference: FIFO, edit: ['wp + 1', 'wp + 4\'d1'], outcome: 'pass' },
  { what: 'a wrong full flag', reference: FIFO, edit: ['wp[3] != rp[3]', 'wp[3] == rp[3]'], outcome: 'fail' },
  { what: 'wrong data in a memory that nothing resets', reference: FIFO, edit: ['<= din', '<= ~din'], outcome: 'fail' },
  { what: 'a synchronous reset for an asynchronous one', reference: FIFO, edit: [' or negedge rst_n', ''], outcome: 'fail' },
  { what: 'a toggle without reset, in another notation', reference: TOGGLE, edit: ['~q', '!q'], outcome: 'pass' },
  { what: 'a toggle without reset, inverted: its power-up value hides it', reference: TOGGLE, edit: ['if (t)', 'if (!t)'], outcome: 'unknown' },
  { what: 'a register without reset', reference: REGISTER, edit: ['<= d', '<= !(!d)'], outcome: 'pass' },
  { what: 'an inverting register', reference: REGISTER, edit: ['<= d', '<= !d'], outcome: 'fail' },
  { what: 'a register on the other edge', reference: REGISTER, edit: ['posedge', 'negedge'], outcome: 'fail' },
  { what: 'a latch for a register', reference: REGISTER, edit: ['@(posedge clk)', '@(*) if (clk)'], outcome: 'fail' },
  { what: 'another power-up value', reference: INITIALISED, edit: ['q = 0', 'q = 1'], outcome: 'fail' },
  { what: 'an initialised counter in another notation', reference: INITIALISED, edit: ['q + 1', '4\'d1 + q'], outcome: 'pass' },
  { what: 'a counter in another notation', reference: MINUTES, edit: ['q == 59 ? 0 : q + 1', 'q != 59 ? q + 1 : 0'], outcome: 'pass' },
  { what: 'a counter that wraps a step early, 59 cycles after reset', reference: MINUTES, edit: ['59', '58'], outcome: 'fail' },
  { what: 'a value where the reference leaves it open', reference: OPEN_CASE, edit: ['1\'bx', '0'], outcome: 'pass' },
  { what: 'a wrong value beside an open one', reference: OPEN_CASE, edit: ['1: y = b', '1: y = a'], outcome: 'fail' },
  { what: 'an open value where the reference has one', reference: OPEN_CASE.replace('1\'bx', '0'), edit: ['default: y = 0', 'default: y = 1\'bx'], outcome: 'fail' },
  { what: 'a latch where the reference has a default', reference: LATCHLESS, edit: ['y = 0;', ''], outcome: 'fail' },
  { what: 'states encoded otherwise', reference: MACHINE, edit: ['B = 1, C = 2', 'B = 2, C = 1'], outcome: 'pass' },
  { what: 'states encoded one-hot', reference: MACHINE.replace('[1:0] s', '[2:0] s'), edit: ['A = 0, B = 1, C = 2', 'A = 1, B = 2, C = 4'], outcome: 'pass' },
  { what: 'a wrong transition', reference: MACHINE, edit: ['B: s <= x ? C', 'B: s <= x ? B'], outcome: 'fail' },
  { what: 'a state that is never left', reference: MACHINE, edit: ['C: s <= x ? C : A', 'C: s <= C'], outcome: 'fail' },
  { what: 'division guarded where it is undefined', reference: DIVIDER, edit: ['q = a / b', 'q = b == 0 ? 0 : a / b'], outcome: 'pass' },
  { what: 'a wrong remainder', reference: DIVIDER, edit: ['a % b', 'a / b'], outcome: 'fail' },
  { what: 'two clocks and resets', reference: TWO_CLOCKS, edit: ['w <= d', 'w <= !(!d)'], outcome: 'pass' },
  { what: 'two clocks, one edge exchanged', reference: TWO_CLOCKS, edit: ['posedge rclk', 'negedge rclk'], outcome: 'fail' },
  { what: 'two clocks, one stage left out', reference: TWO_CLOCKS, edit: ['q <= r;', 'q <= w;'], outcome: 'fail' },
  { what: 'factors exchanged', reference: MULTIPLIER, edit: ['a * b', 'b * a'], outcome: 'pass' },
  { what: 'a wrong product', reference: MULTIPLIER, edit: ['a * b', 'a * a'], outcome: 'fail' },
  { what: 'flat logic for instances', reference: HIERARCHY, edit: ['assign cout = c1 | c2', 'assign cout = (a & b) | (a & cin) | (b & cin)'], outcome: 'pass' },
  { what: 'connections of an instance exchanged', reference: HIERARCHY, edit: ['.s(t), .c(c1)', '.s(c1), .c(t)'], outcome: 'fail' },
  { what: 'another module name', reference: ACCUMULATOR, edit: ['module m', 'module n'], outcome: 'fail' },
  { what: 'a port of another width', reference: ACCUMULATOR, edit: ['output reg [7:0] q', 'output reg [6:0] q'], outcome: 'fail' },
  { what: 'a missing port', reference: ACCUMULATOR, edit: [', output [7:0] y', ''], outcome: 'fail' },
  { what: 'a port of the other direction', reference: HIERARCHY, edit: ['output s, cout', 'output s, input cout'], outcome: 'fail' },
  { what: 'a syntax error', reference: ACCUMULATOR, edit: ['endmodule', ''], outcome: 'fail' },
  { what: 'a combinational loop', reference: LATCHLESS, edit: ['y = 0;', 'y = ~y;'], outcome: 'unknown' },
]
