import type { Yosys } from './yosys.js'
import { relaxAlwaysComb } from './lexer.js'
import { gradeOf, readError, readWarnings } from './messages.js'
import { parseRtlil } from './rtlil.js'
import type { DesignWarning, SyntaxVerdict } from '../types.js'

/** Parses and elaborates every module; modules that are only used, as in a single file of a project, cost a warning. */
export function checkSyntax(yosys: Yosys, source: string): Omit<SyntaxVerdict, 'milliseconds'> {
  const run = yosys.run('read_verilog -sv design.sv; hierarchy -auto-top; proc -norom; tee -o check.log check; write_rtlil design.il', { 'design.sv': relaxAlwaysComb(source) })
  if (!run.ok) return { outcome: 'fail', reason: readError(run.messages), warnings: [], grade: 0 }
  const rtlil = run.files['design.il'] ?? ''
  const defined = new Set([...rtlil.matchAll(/^module \\(\S+)$/gm)].map((match) => match[1]!))
  if (defined.size === 0) return { outcome: 'fail', reason: 'there is no module in the text', warnings: [], grade: 0 }
  const used = new Set([...rtlil.matchAll(/^ {2}cell \\(\S+) /gm)].map((match) => match[1]!))
  const missing = [...used].filter((name) => !defined.has(name)).map((name) => ({ kind: 'missing-module' as const, message: `module "${name}" is used, but not part of the text`, cost: 0.2 }))
  const warnings = [...readWarnings(run.messages), ...missing, ...source.includes('always_latch') ? [] : latches(rtlil)]
  const reason = warnings.length === 0 ? 'no errors' : `no errors, ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`
  return { outcome: 'pass', reason, warnings, grade: gradeOf(warnings) }
}

/** Latches that are not asked for: Yosys infers them without a warning. */
function latches(rtlil: string): DesignWarning[] {
  return parseRtlil(rtlil).flatMap((module) => module.cells.filter(({ type }) => /^\$a?dlatch/.test(type)).map((cell) => {
    const name = cell.ports.get('Q')?.map((chunk) => 'wire' in chunk ? chunk.wire.slice(1) : '').join(', ') ?? ''
    return { kind: 'latch' as const, message: `"${name}" keeps its value in some cases: a latch is inferred`, cost: 0.2 }
  }))
}
