import type { SynthesisVerdict } from '../types.js'
import { relaxAlwaysComb } from './lexer.js'
import { readError } from './messages.js'
import type { Yosys } from './yosys.js'

const MAP = 'synth -flatten -auto-top -noabc; opt_clean; tee -q -o stat.json stat -json; tee -q -o path.log ltp -noff'

/** Maps a design to simple gates and counts them. Without technology mapping: the numbers compare designs, they are no area of a chip. */
export function synthesise(yosys: Yosys, source: string): Omit<SynthesisVerdict, 'milliseconds'> {
  const nothing = { cells: 0, depth: 0, flipFlops: 0 }
  const run = yosys.run(`read_verilog -sv design.sv; ${MAP}`, { 'design.sv': relaxAlwaysComb(source) })
  if (!run.ok) return { outcome: 'fail', reason: readError(run.messages), ...nothing }
  if (!/"modules":\s*\{\s*"/.test(run.files['stat.json'] ?? '')) return { outcome: 'fail', reason: 'there is no module in the text', ...nothing }
  const counts = cellCounts(run.files['stat.json'] ?? '')
  const sum = (types: readonly (readonly [string, number])[]): number => types.reduce((total, [, count]) => total + count, 0)
  const cells = sum(counts)
  const flipFlops = sum(counts.filter(([type]) => /DFF|DLATCH|_SR_|_FF_/i.test(type)))
  const depth = Number(/length=(\d+)/.exec(run.files['path.log'] ?? '')?.[1] ?? 0)
  return { outcome: 'pass', reason: `${cells} cells, ${flipFlops} of them flip-flops, ${depth} deep`, cells, depth, flipFlops }
}

function cellCounts(json: string): [string, number][] {
  const parsed: unknown = JSON.parse(json.slice(json.indexOf('{')))
  const design = parsed as { design?: { num_cells_by_type?: Record<string, number> } }
  return Object.entries(design.design?.num_cells_by_type ?? {})
}
