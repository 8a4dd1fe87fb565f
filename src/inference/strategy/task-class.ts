import type { Domain } from '../../quality/index.js'

/** Words that ask for state. */
const CLOCKED = /\b(clk|clock|clocked|posedge|negedge|register|flip-?flop|counter|fifo|fsm|state machine|shift|reset|rst)\b/i

/** Characters of a specification beyond which it is a long one: what is asked for in one sentence or two is shorter. */
const LONG = 600

/** Specifications of a class pass about equally often with the same way of trying. Named for people. */
export function taskClass(domain: Domain, specification: string): string {
  const size = specification.length > LONG ? 'long' : 'short'
  if (domain === 'qasm') return `qasm, ${size}`
  return `verilog, ${CLOCKED.test(specification) ? 'clocked' : 'combinational'}, ${size}`
}
