import { openChecker } from '../../src/quality/index.js'
import type { Checker } from '../../src/quality/index.js'
import type { NetworkConfig, NodeConfig } from '../../src/config/index.js'

import { adapterOf, readBase } from '../daemon/base-model.js'
import { modelFile, modelFolderOf } from '../settings/model-data.js'
import { failure, ok, problem, warning } from './finding.js'
import type { Finding } from './finding.js'

const VERILOG = 'module doctor(input a, output y);\n  assign y = ~a;\nendmodule\n'
// With a subroutine, which our own reader leaves to qsharp-lang.
const QASM = 'OPENQASM 3.0;\ninclude "stdgates.inc";\ndef flip(qubit a) { x a; }\nqubit q;\nflip(q);\n'

const TESTBENCH = 'module tb; reg a = 0; wire y; doctor d(.a(a), .y(y)); initial begin #1 if (!y) $fatal; $display("MESHWRIGHT PASS"); $finish; end endmodule\n'

/** A cold checker loads some tens of MiB: far longer than any check. Milliseconds. */
const CHECK_MS = 60_000

/** Whether the checkers run, on designs of a line or two. */
export async function examineCheckers(): Promise<Finding[]> {
  const checker = openChecker({ workers: 1, timeoutMs: CHECK_MS })
  const remedy = 'install the package again with `npm ci`, and look at the free memory'
  const examine = async (subject: string, run: () => Promise<{ readonly outcome: string, readonly reason: string, readonly milliseconds: number }>, what: string): Promise<Finding> => {
    try {
      const { outcome, reason, milliseconds } = await run()
      return outcome === 'pass' ? ok(subject, `${what} in ${milliseconds.toFixed(0)} ms`) : problem(subject, `a design that is right is not accepted: ${reason}`, remedy)
    } catch (error) {
      return failure(subject, error, remedy)
    }
  }
  try {
    return [
      await examine('yosys', () => checker.synthesis(VERILOG), 'synthesised an inverter'),
      await examine('qsharp', () => checker.circuit(QASM), 'read a subroutine'),
      await examineTestbenches(checker),
    ]
  } finally {
    await checker.close()
  }
}

/** Nothing but `meshwright eval` asks for testbenches, and a node without them is whole. */
async function examineTestbenches(checker: Checker): Promise<Finding> {
  const { outcome, reason, milliseconds } = await checker.testbench({ candidate: VERILOG, testbench: TESTBENCH })
  if (outcome === 'pass') return ok('testbenches', `ran one in a sandbox in ${milliseconds.toFixed(0)} ms`)
  return warning('testbenches', reason, 'install iverilog and bubblewrap to have testbenches decide in `meshwright eval`; references decide meanwhile')
}

/** Whether the base loads, is the network's, and has its public data beside it. */
export async function examineModel(settings: NodeConfig, network: Pick<NetworkConfig, 'genesis'> & { readonly id: string } | undefined): Promise<Finding> {
  const folder = modelFolderOf(settings)
  try {
    const base = await readBase(folder)
    if (network !== undefined) adapterOf(network, network.id, base)
    for (const name of ['probes.jsonl.gz', 'replay.jsonl.gz']) modelFile(name, folder)
    return ok('base model', `${folder} (${base.contentId.slice(0, 12)})${network === undefined ? '' : ', the one that the network trains'}`)
  } catch (error) {
    return failure('base model', error, 'set modelFolder to the base of the network, or install the package again')
  }
}
