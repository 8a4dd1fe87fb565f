/**
 * node dist/scripts/bench/train.js [--json] [--shape 320,4,5,5,864,2048] [--threads 2]
 *
 * A LoRA step against what ONNX Runtime's own large matrix product reaches on the same threads in the same run:
 * floating point operations of all matrix products of a step / its time / that rate. Packed 4 x 128, rank 16 on all seven targets.
 */
import { GraphBuilder, product } from '../../src/graph/index.js'
import { adapterLayout, buildTrainingGraph, createSession, floats, LoraSessions, runSession, TARGETS, type LlamaConfig, type PackedBatch } from '../../src/model/index.js'
import { calledWith } from '../command/command.js'
import { flag, whole } from '../command/kinds.js'
import { benchModel, countParameters, repeatableRandom, shapeOption } from './bench-model.js'
import { benchmarkReport, median, say } from './report.js'

const { json, shape, threads } = calledWith({
  call: 'npm run bench:train --',
  about: 'A training step against a large matrix product on the same threads.',
  options: { shape: shapeOption, threads: whole('threads of both', 2, 1), json: flag('print the report as a line of JSON') },
})
const ROWS = 4
const ROW_LENGTH = 128
const RANK = 16
const ROUNDS = 5
const STEPS_A_ROUND = 5
const GEMM_SIZE = 2048

const { name, model } = await benchModel(shape)
const layout = adapterLayout(model.config, { rank: RANK, alpha: 2 * RANK, targets: TARGETS })
const sessions = new LoraSessions(model, layout, { threads })
const batch = randomBatch(model.config)
const adapter = Float32Array.from({ length: layout.length }, repeatableRandom(3)).map((value) => (value - 0.5) / 10)
const { operations } = buildTrainingGraph(model.config, layout, batch, false)
const multiply = await largeProduct()

await sessions.step(batch, adapter)
await sessions.score(batch, adapter)
await multiply()

const runs = []
for (let round = 0; round < ROUNDS; round++) {
  const products: number[] = []
  const steps: number[] = []
  const scores: number[] = []
  // In turns, so that whatever else the machine does falls on all of them.
  for (let i = 0; i < STEPS_A_ROUND; i++) {
    products.push(await time(multiply))
    steps.push(await time(() => sessions.step(batch, adapter)))
    scores.push(await time(() => sessions.score(batch, adapter)))
  }
  const gemm = 2 * GEMM_SIZE ** 3 / median(products)
  const step = median(steps)
  const run = {
    fraction: operations / step / gemm,
    gemmGigaflops: gemm / 1e9,
    trainingTokensPerSecond: ROWS * ROW_LENGTH / step,
    forwardTokensPerSecond: ROWS * ROW_LENGTH / median(scores),
  }
  runs.push(run)
  say(`fraction ${run.fraction.toFixed(3)}: step ${(step * 1e3).toFixed(1)} ms, ${run.trainingTokensPerSecond.toFixed(0)} tokens/s; Gemm ${run.gemmGigaflops.toFixed(0)} GFLOP/s; forward ${run.forwardTokensPerSecond.toFixed(0)} tokens/s`)
}
await sessions.release()

const results = {
  gemm_fraction: median(runs.map(({ fraction }) => fraction)),
  training_tokens_per_s: median(runs.map(({ trainingTokensPerSecond }) => trainingTokensPerSecond)),
  forward_tokens_per_s: median(runs.map(({ forwardTokensPerSecond }) => forwardTokensPerSecond)),
}
if (!json) say(`${name}, ${countParameters(model)} parameters, ${threads} threads: ${(results.gemm_fraction * 100).toFixed(0)} % of a large matrix product`)
console.log(JSON.stringify(benchmarkReport('train', results, { model: name, parameters: countParameters(model), adapter: layout.length, threads, operations, runs })))

function randomBatch({ vocabularySize }: LlamaConfig): PackedBatch {
  const random = repeatableRandom(2)
  const tokens = ROWS * ROW_LENGTH
  const randomIds = (): Int32Array => Int32Array.from({ length: tokens }, () => Math.floor(random() * vocabularySize))
  return {
    rows: ROWS,
    rowLength: ROW_LENGTH,
    ids: randomIds(),
    labels: randomIds(),
    weights: new Float32Array(tokens).fill(1),
    positions: Int32Array.from({ length: tokens }, (_, i) => i % ROW_LENGTH),
    documents: new Int32Array(tokens),
  }
}

async function largeProduct(): Promise<() => Promise<unknown>> {
  const graph = new GraphBuilder()
  const sizes = [GEMM_SIZE, GEMM_SIZE]
  graph.output('product', product(graph, graph.input('a', sizes), graph.input('b', sizes)))
  const session = await createSession(graph.serialise(), { threads })
  const random = repeatableRandom(4)
  const matrix = (): ReturnType<typeof floats> => floats(Float32Array.from({ length: GEMM_SIZE ** 2 }, random), sizes)
  const feeds = { a: matrix(), b: matrix() }
  return () => runSession(session, feeds)
}

/** Seconds. */
async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1e3
}
