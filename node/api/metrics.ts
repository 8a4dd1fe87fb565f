import type { Metrics } from '../../src/telemetry/index.js'

import type { Written } from './engine.js'
import type { Places } from './places.js'

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** What the server counts; `/metrics` shows it. */
export interface ApiMetrics {
  request(route: string, status: number, milliseconds: number): void
  firstToken(milliseconds: number): void
  written(written: Written): void
  text(): Promise<string>
  readonly contentType: string
}

export function apiMetrics(metrics: Metrics, queue: Places): ApiMetrics {
  const requests = metrics.counter({ name: 'api_requests_total', help: 'Requests by route and status; 499 for clients that went away.', labels: ['route', 'status'] })
  const seconds = metrics.histogram({ name: 'api_request_seconds', help: 'From a request to the end of its answer.', labels: ['route'], buckets: SECONDS })
  const first = metrics.histogram({ name: 'api_first_token_seconds', help: 'From a request to its first text.', buckets: SECONDS })
  const prompt = metrics.counter({ name: 'api_prompt_tokens_total', help: 'Tokens of prompts; cached ones were in memory already.', labels: ['cached'] })
  const completion = metrics.counter({ name: 'api_completion_tokens_total', help: 'Tokens that were written.' })
  const calls = metrics.counter({ name: 'api_target_calls_total', help: 'Calls of the model that wrote them: tokens by calls is the acceptance length.' })
  const drafted = metrics.counter({ name: 'api_drafted_tokens_total', help: 'Tokens that a draft proposed, by whether the model took them.', labels: ['accepted'] })
  const verdicts = metrics.counter({ name: 'api_verdicts_total', help: 'Verdicts of verified answers.', labels: ['outcome'] })
  metrics.gauge({ name: 'api_waiting', help: 'Texts that wait to be written.', read: () => queue.waiting })
  metrics.gauge({ name: 'api_running', help: 'Texts that are being written.', read: () => queue.running })
  return {
    request: (route, status, milliseconds) => {
      requests.add(1, { route, status })
      seconds.observe(milliseconds / 1000, { route })
    },
    firstToken: (milliseconds) => first.observe(milliseconds / 1000),
    written: ({ promptTokens, cachedTokens, tokens, targetCalls, drafted: proposed, accepted, verified }) => {
      prompt.add(promptTokens - cachedTokens, { cached: 'no' })
      prompt.add(cachedTokens, { cached: 'yes' })
      completion.add(tokens)
      calls.add(targetCalls)
      drafted.add(accepted, { accepted: 'yes' })
      drafted.add(Math.max(0, proposed - accepted), { accepted: 'no' })
      if (verified) verdicts.add(1, { outcome: verified.verdict.outcome })
    },
    text: () => metrics.text(),
    contentType: metrics.contentType,
  }
}
