import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import OpenAI from 'openai'

import { serveApi } from '../../../node/api/server.js'
import type { ApiOptions } from '../../../node/api/server.js'
import { readBase } from '../../../node/daemon/base-model.js'
import { GenerationService } from '../../../node/serving/service.js'
import type { ServiceOptions } from '../../../node/serving/service.js'
import { findPackageRoot, parseNodeConfig } from '../../../src/config/index.js'
import { adapterLayout } from '../../../src/model/index.js'
import { openChecker } from '../../../src/quality/index.js'
import type { CheckerOptions, Domain } from '../../../src/quality/index.js'
import { createMetrics, silentLogger } from '../../../src/telemetry/index.js'

export const EMBEDDED = join(findPackageRoot(), 'models', 'embedded')
export const ADDER = 'Write an 8-bit adder named add8 with inputs a and b (8 bits each), carry input cin, output sum (8 bits) and carry output cout.'

/** A specification that the embedded base meets at its first try, and what shows that it does. */
export const SUM = 'Write module add14_top, a 14-bit adder without carries. It has 14-bit inputs x, in1, and 14-bit output result. result equals x plus in1 and it wraps modulo 2^14.'
export const SUM_TESTBENCH = `module tb;
  reg [13:0] x, y; wire [13:0] sum; integer i;
  add14_top dut(.x(x), .in1(y), .result(sum));
  initial begin
    for (i = 0; i < 200; i = i + 1) begin
      {x, y} = $random; #1;
      if (sum !== ((x + y) & 14'h3fff)) $fatal(1, "%0d and %0d give %0d", x, y, sum);
    end
    $display("MESHWRIGHT PASS"); $finish;
  end
endmodule
`

/** The embedded base in a service of its own, without a node. */
export async function embeddedService(options: { readonly checker?: CheckerOptions, readonly domain?: Domain, readonly strategy?: ServiceOptions['strategy'] } = {}): Promise<{ readonly service: GenerationService, readonly close: () => Promise<void> }> {
  const base = await readBase(EMBEDDED)
  const checker = openChecker({ workers: 1, timeoutMs: 60_000, ...options.checker })
  const service = new GenerationService({
    base, settings: adapterLayout(base.config, { rank: 2, alpha: 4, targets: ['q_proj'] }).settings, threads: 1, domain: options.domain ?? 'verilog', precedents: [],
    checker: () => checker, metrics: { areUsed: false, rate: () => Promise.resolve(undefined) }, adapters: () => ({}),
    ...options.strategy ? { strategy: options.strategy } : {},
  })
  return {
    service,
    close: async () => {
      await service.close()
      await checker.close()
    },
  }
}

export interface Serving {
  /** With `/v1`. */
  readonly url: string
  readonly root: string
  readonly client: OpenAI
  readonly ask: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Asked>
  readonly close: () => Promise<void>
}

export interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly error: { readonly message: string, readonly type: string, readonly param: string | null, readonly code: string }
}

/** A server on a free port of this machine that goes with the test. */
export async function serving(t: Pick<ExecutionContext, 'teardown'>, options: Pick<ApiOptions, 'engine' | 'limits'> & { readonly api?: object }): Promise<Serving> {
  const { api: settings } = parseNodeConfig({ api: { port: 0, ...options.api } }, { source: 'the test', folder: '/' })
  const server = await serveApi({ engine: options.engine, settings, log: silentLogger, metrics: createMetrics(), limits: options.limits ?? {} })
  t.teardown(() => server.close())
  return {
    url: server.url,
    root: server.url.replace(/\/v1$/, ''),
    client: new OpenAI({ baseURL: server.url, apiKey: 'no key is needed here', maxRetries: 0 }),
    ask: async (path, body, headers = {}) => {
      const response = await fetch(server.url.replace(/\/v1$/, '') + path, {
        method: 'POST', headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
      })
      return read(response)
    },
    close: () => server.close(),
  }
}

export async function read(response: Response): Promise<Asked> {
  const text = await response.text()
  let error: unknown
  try {
    error = (JSON.parse(text) as { error?: unknown }).error
  } catch {
    // No JSON, no error.
  }
  return { status: response.status, headers: response.headers, text, error: error as Asked['error'] }
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => { setTimeout(resolve, 10) })
}
