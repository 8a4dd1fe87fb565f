import { hopelessQasm } from './qasm/prefix.js'
import type { Domain } from './types.js'
import { hopelessVerilog } from './verilog/prefix.js'

/** Why no continuation makes the beginning of a text a design; undefined where one may. It is only said where it is certain. */
export function hopeless(domain: Domain, beginning: string): string | undefined {
  return domain === 'qasm' ? hopelessQasm(beginning) : hopelessVerilog(beginning)
}
