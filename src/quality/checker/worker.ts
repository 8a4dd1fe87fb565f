import { parentPort, workerData } from 'node:worker_threads'

import { QasmChecks } from '../qasm/checks.js'
import { VerilogChecks } from '../verilog/checks.js'
import { garbageCollector } from './collect.js'
import type { WorkerAnswer, WorkerRequest, WorkerTask } from './requests.js'
import type { Tools } from './tools.js'

const tools = workerData as Tools
const verilog = new VerilogChecks(tools.yosys)
const qasm = new QasmChecks(tools.qsharp)

const collect = garbageCollector()
let collectedAt = 0

/** Tool runs between collections: each takes about 10 ms and leaves about 5 MB. */
const RUNS_PER_COLLECTION = 12

function tidy(): void {
  const runs = verilog.runs + qasm.runs
  if (runs - collectedAt < RUNS_PER_COLLECTION) return
  collectedAt = runs
  setImmediate(collect)
}

type Answered = NonNullable<WorkerAnswer['verdict']> & Pick<WorkerAnswer, 'known'>

async function check(request: WorkerRequest, known: WorkerTask['known']): Promise<Answered> {
  switch (request.kind) {
    case 'syntax': return request.domain === 'verilog' ? verilog.syntax(request.source) : qasm.syntax(request.source)
    case 'synthesis': return verilog.synthesis(request.source)
    case 'circuit': return qasm.circuit(request.source)
    case 'equivalence': return request.domain === 'verilog'
      ? verilog.equivalence(request.reference, request.candidate, request.boundedPass, known)
      : qasm.equivalence(request.reference, request.candidate, request.initialState)
  }
}

async function answer({ id, request, known }: WorkerTask): Promise<WorkerAnswer> {
  const start = performance.now()
  const measured = (): Pick<WorkerAnswer, 'id' | 'milliseconds' | 'runs'> => ({ id, milliseconds: performance.now() - start, runs: verilog.runs + qasm.runs })
  try {
    const { known: learned, ...verdict } = await check(request, known)
    return { ...measured(), verdict, ...learned && { known: learned } }
  } catch (error) {
    // A trap carries no reason; almost always it is memory that could not grow.
    const trapped = error instanceof WebAssembly.RuntimeError
    return { ...measured(), broken: trapped ? `out of memory, or an internal error (${error.message})` : error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', (task: WorkerTask) => {
  void answer(task).then((result) => {
    parentPort?.postMessage(result)
    tidy()
  })
})
parentPort?.postMessage('ready')
