import type { Yosys } from './yosys.js'
import { relaxAlwaysComb } from './lexer.js'
import { gradeOf, readError, readWarnings } from './messages.js'
import type { SyntaxVerdict } from '../types.js'

/** Parses and elaborates every module; modules that are only used, as in a single file of a project, cost a warning. */
export function checkSyntax(yosys: Yosys, source: string): Omit<SyntaxVerdict, 'milliseconds'> {
  const run = yosys.run('read_verilog -sv design.sv; hierarchy -auto-top; proc -norom; tee -o check.log check; write_rtlil design.il', { 'design.sv': relaxAlwaysComb(source) })
  if (!run.ok) return { outcome: 'fail', reason: readError(run.messages), warnings: [], grade: 0 }
  const rtlil = run.files['design.il'] ?? ''
  const defined = new Set([...rtlil.matchAll(/^module \\(\S+)$/gm)].map((match) => match[1]!))
  if (defined.size === 0) return { outcome: 'fail', reason: 'there is no module in the text', warnings: [], grade: 0 }
  const used = new Set([...rtlil.matchAll(/^ {2}cell \\(\S+) /gm)].map((match) => match[1]!))
  const missing = [...used].filter((name) => !defined.has(name)).map((name) => ({ kind: 'missing-module' as const, message: `module "${name}" is used, but not part of the text`, cost: 0.2 }))
  const warnings = [...readWarnings(run.messages), ...missing]
  const reason = warnings.length === 0 ? 'no errors' : `no errors, ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`
  return { outcome: 'pass', reason, warnings, grade: gradeOf(warnings) }
}
