/** The embedded base asked for designs that testbenches decide about, through the service and over HTTP. */
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type OpenAI from 'openai'

import { GenerationEngine } from '../../../node/serving/generation-engine.js'
import { generateSchema } from '../../../node/serving/request.js'
import type { GenerateInput } from '../../../node/serving/request.js'
import { InferenceError } from '../../../src/inference/index.js'
import { skipped, withoutSandbox } from '../../quality/testbench-designs.js'
import { SUM, SUM_TESTBENCH, embeddedService, serving } from './serving.js'

const { service, close } = await embeddedService()
/** The same on a machine that has neither simulator nor sandbox, in a node of quantum circuits. */
const bare = await embeddedService({ checker: { toolPath: '' }, domain: 'qasm' })
const missing = await withoutSandbox()
test.after.always(async () => {
  await close()
  await bare.close()
})

const { signal } = new AbortController()
const request = (more: Partial<GenerateInput>): Parameters<typeof service.generate>[0] => generateSchema.parse({ specification: SUM, verify: true, testbench: SUM_TESTBENCH, ...more })
const ADDS = 'module add14_top(input [13:0] x, in1, output [13:0] result);\n  assign result = x + in1;\nendmodule\n'

const sandboxed = (title: string, run: (t: ExecutionContext) => Promise<void>): void => {
  test.serial(title, async (t) => { if (!skipped(t, missing)) await run(t) })
}

sandboxed('a testbench decides, and the verdict says what ran it', async (t) => {
  const right = await service.generate(request({}), { signal })
  t.like(right.verdict, { outcome: 'pass', tool: 'iverilog' })
  t.regex(right.verdict!.reason, /MESHWRIGHT PASS/)
  const wrong = await service.generate(request({ testbench: SUM_TESTBENCH.replace('(x + y)', '(x - y)'), samples: 2, temperature: 0.3 }), { signal })
  t.like(wrong.verdict, { outcome: 'fail', tool: 'iverilog' })
  t.regex(wrong.verdict!.reason, /\d+ and \d+ give \d+/)
})

sandboxed('a testbench may compare with a reference beside it', async (t) => {
  const testbench = `module tb;
  reg [13:0] x, y; wire [13:0] p, q; integer i, errors = 0;
  gold good(x, y, p);
  add14_top dut(.x(x), .in1(y), .result(q));
  initial begin
    for (i = 0; i < 50; i = i + 1) begin {x, y} = $random; #1; if (p !== q) errors = errors + 1; end
    $display("Mismatches: %0d in %0d samples", errors, i);
  end
endmodule
`
  const { verdict } = await service.generate(request({ testbench, reference: ADDS.replace('add14_top', 'gold') }), { signal })
  t.like(verdict, { outcome: 'pass', tool: 'iverilog', reason: 'no mismatch in 50 samples' })
})

sandboxed('a testbench that is wrong is refused before anything is written', async (t) => {
  for (const [more, why] of [
    [{ testbench: SUM_TESTBENCH.replace('#1;', '#;') }, /the testbench does not compile: line \d+: syntax error/],
    [{ testbench: 'just text' }, /there is no module in the testbench/],
    [{ domain: 'qasm' }, /a testbench is Verilog/],
  ] as const) {
    let written = 0
    await t.throwsAsync(service.generate(request(more), { signal, onEvent: () => { written += 1 } }), { instanceOf: InferenceError, code: 'INFERENCE_TESTBENCH_INVALID', message: why })
    t.is(written, 0)
  }
})

sandboxed('a testbench that shows its fault only beside a design ends the search with it', async (t) => {
  const samples = new Set<number>()
  const testbench = SUM_TESTBENCH.replace('integer i;', 'integer i; reg [3:0] x [0:1] = {4\'d1, 4\'d2};')
  await t.throwsAsync(service.generate(request({ testbench, samples: 30, temperature: 1 }), { signal, onEvent: ({ sample }) => samples.add(sample) }), { code: 'INFERENCE_TESTBENCH_INVALID', message: /no design can be tested: the testbench does not compile/ })
  t.true(samples.size < 30)
})

test.serial('without a simulator nothing is written and nothing passes: the error says what to install', async (t) => {
  let written = 0
  await t.throwsAsync(bare.service.generate(request({}), { signal, onEvent: () => { written += 1 } }), { instanceOf: InferenceError, code: 'INFERENCE_TESTBENCH_NOT_RUN', message: /install the package iverilog, and bubblewrap/ })
  t.is(written, 0)
  // A reference beside it can decide instead, and the verdict says so.
  const { verdict, domain } = await bare.service.generate(request({ reference: ADDS }), { signal })
  t.like(verdict, { outcome: 'pass', tool: 'yosys' })
  t.is(domain, 'verilog', 'a testbench is Verilog, whatever the node itself is for')
  t.regex(verdict!.reason, /compared with the reference/)
})

interface Own { readonly meshwright: { readonly verdict: { readonly outcome: string, readonly tool?: string } } }
const ask = (own: object, stream = false): OpenAI.ChatCompletionCreateParams => ({ model: 'base', messages: [{ role: 'user', content: SUM }], stream, meshwright: own }) as OpenAI.ChatCompletionCreateParams

sandboxed('the API has testbenches decide, whole and streamed', async (t) => {
  const { client } = await serving(t, { engine: new GenerationEngine({ service }) })
  const whole = await client.chat.completions.create(ask({ testbench: SUM_TESTBENCH })) as OpenAI.ChatCompletion & Own
  t.like(whole.meshwright.verdict, { outcome: 'pass', tool: 'iverilog' })
  let last: Own['meshwright'] | undefined
  for await (const chunk of await client.chat.completions.create(ask({ testbench: SUM_TESTBENCH, samples: 2 }, true)) as AsyncIterable<OpenAI.ChatCompletionChunk & Partial<Own>>) last = chunk.meshwright ?? last
  t.like(last!.verdict, { outcome: 'pass', tool: 'iverilog' })
})

test.serial('the API tells a wrong testbench, and a machine that runs none, in OpenAI\'s form', async (t) => {
  const refused = async (of: typeof service, own: object, stream: boolean): Promise<unknown[]> => {
    const { ask: post } = await serving(t, { engine: new GenerationEngine({ service: of }) })
    const { status, error } = await post('/v1/chat/completions', ask(own, stream))
    t.regex(error.message, /no module in the testbench|does not compile: line 1|install the package iverilog/)
    return [status, error.type, error.param, error.code]
  }
  for (const stream of [false, true]) {
    t.deepEqual(await refused(bare.service, { testbench: 'just text' }, stream), [400, 'invalid_request_error', 'meshwright.testbench', 'invalid_value'])
    t.deepEqual(await refused(bare.service, { testbench: SUM_TESTBENCH }, stream), [400, 'invalid_request_error', 'meshwright.testbench', 'unsupported'])
    if (missing === undefined) t.deepEqual(await refused(service, { testbench: 'module tb; add14_top dut(; endmodule' }, stream), [400, 'invalid_request_error', 'meshwright.testbench', 'invalid_value'])
  }
})
