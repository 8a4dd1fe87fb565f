import test from 'ava'

import { Duplicates } from '../../src/corpus/duplicates.js'

const counter = (name: string, width: number): string => `module ${name}(input clk, input rst, input en, output reg [${width - 1}:0] q);
  always @(posedge clk) begin
    if (rst) q <= ${width}'d0;
    else if (en) begin
      if (q == ${width}'d9) q <= ${width}'d0;
      else q <= q + ${width}'d1;
    end
  end
  reg [3:0] history; always @(posedge clk) history <= {history[2:0], q[0]};
  wire any = |history; wire all = &history; wire odd = ^history;
  wire [3:0] swapped = {history[0], history[1], history[2], history[3]};
  wire [3:0] shifted = history >> 1; wire [3:0] inverted = ~history; wire same = history == swapped;
endmodule`

test('a copy with other comments and white space is a duplicate', (t) => {
  const seen = new Duplicates()
  t.is(seen.add(counter('c', 4)), 'new')
  t.is(seen.add(`// mine\n${counter('c', 4).replaceAll('\n', '\n\n')}`), 'duplicate')
})

test('a copy under another name is a near duplicate', (t) => {
  const seen = new Duplicates()
  seen.add(counter('c', 4))
  t.is(seen.add(counter('d', 4)), 'near duplicate')
})

test('the same design with another width is a design of its own', (t) => {
  const seen = new Duplicates()
  seen.add(counter('c', 4))
  t.is(seen.add(counter('c', 5)), 'new')
})
