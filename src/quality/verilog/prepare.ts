import { relaxAlwaysComb } from './lexer.js'
import { readError, readWarnings } from './messages.js'
import type { Netlist } from './netlist.js'
import { analyse } from './netlist.js'
import { parseRtlil } from './rtlil.js'
import type { DesignWarning } from '../types.js'
import type { Yosys } from './yosys.js'

/** A design that is ready to be compared: flat, without processes and memories. Plain data, so that it can be kept and sent to another thread. */
export interface Prepared {
  readonly netlist: Netlist
  /** RTLIL text of the one module, renamed to `MODULE`. */
  readonly rtlil: string
  /** The same with every undefined constant replaced by a free value of its own, a wire named in `freeNames`. */
  readonly freeRtlil: string
  readonly freeNames: readonly string[]
  readonly loops: readonly string[]
  readonly warnings: readonly DesignWarning[]
}

export interface Refusal {
  readonly refused: string
}

/** The name that a prepared design's module has; `place` puts another in. */
export const MODULE = 'meshwright_design'

const FILE = 'design.sv'

/**
 * Only passes that keep `x` as it is: the usual optimisations use undefined values as freedom, after which
 * "differs" would no longer be certain.
 */
const FLATTEN = 'proc -norom; flatten; opt_expr -keepdc; memory_collect; memory_map; opt_expr -keepdc; opt_clean'

/** Elaborates `source` with `top`, or with the module that no other one instantiates. */
export function prepare(yosys: Yosys, source: string, top?: string): Prepared | Refusal {
  const files = { [FILE]: relaxAlwaysComb(source) }
  const choose = top === undefined ? '-auto-top' : `-top ${top}`
  const finish = `tee -q -o loops.log check; setundef -undriven -undef; rename -top ${MODULE}; write_rtlil design.il; setundef -anyseq; write_rtlil free.il`
  const run = yosys.run(`read_verilog -sv ${FILE}; hierarchy -check ${choose}; write_rtlil names.il; ${FLATTEN}; ${finish}`, files)
  if (!run.ok) return { refused: readError(run.messages) }
  const rtlil = run.files['design.il'] ?? ''
  const module = parseRtlil(rtlil)[0]
  if (!module) return { refused: 'there is no module in the text' }
  const name = top ?? /attribute \\top 1(?:\n *attribute [^\n]*)*\nmodule \\(\S+)/.exec(run.files['names.il'] ?? '')?.[1] ?? module.name.slice(1)
  const warnings = readWarnings(run.messages)
  const loops = [...(run.files['loops.log'] ?? '').matchAll(/found logic loop[^\n]*\n\s*([^\n]*)/g)].map((match) => match[1]!)
  const netlist = { ...analyse(module), top: name }
  const free = netlist.hasUndefined ? nameFreeValues(run.files['free.il'] ?? '') : { rtlil, names: [] }
  return { netlist, rtlil, freeRtlil: free.rtlil, freeNames: free.names, loops, warnings }
}

/** Gives the outputs of `$anyseq` cells names that a solver script can use. */
function nameFreeValues(rtlil: string): { rtlil: string, names: string[] } {
  const found = [...rtlil.matchAll(/^ {2}cell \$anyseq [^\n]*\n(?: {4}parameter[^\n]*\n)* {4}connect \\Y (\$\S+)$/gm)].map((match) => match[1]!)
  const renamed = new Map(found.map((name, i) => [name, `meshwright_free_${i}`]))
  return {
    rtlil: rtlil.replace(/\$\S+/g, (name) => renamed.has(name) ? `\\${renamed.get(name)!}` : name),
    names: [...renamed.values()],
  }
}

/** RTLIL of a prepared design under another module name. */
export function place(rtlil: string, name: string): string {
  return rtlil.replace(new RegExp(`^module \\\\${MODULE}$`, 'm'), `module \\${name}`)
}
