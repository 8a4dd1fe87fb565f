import type { Written } from './engine.js'
import type { Plan } from './plan.js'

/** `usage` as OpenAI has it. A prompt counts once, however many texts it gets. */
export function usageOf({ jobsPerPrompt }: Plan, written: readonly Written[]): object {
  const sum = (of: (one: Written) => number, some = written): number => some.reduce((total, one) => total + of(one), 0)
  const perPrompt = written.filter((_, at) => at % jobsPerPrompt === 0)
  const promptTokens = sum((one) => one.promptTokens, perPrompt)
  const completionTokens = sum(({ tokens }) => tokens)
  const accepted = sum((one) => one.accepted)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: sum((one) => one.cachedTokens, perPrompt) },
    completion_tokens_details: { accepted_prediction_tokens: accepted, rejected_prediction_tokens: Math.max(0, sum((one) => one.drafted) - accepted), reasoning_tokens: 0 },
  }
}

/** What OpenAI's API has no place for: the model that wrote, how fast, and what the checkers say. */
export function meshwrightOf({ model, draft }: Plan, written: readonly Written[]): object {
  const sum = (of: (one: Written) => number): number => written.reduce((total, one) => total + of(one), 0)
  const [tokens, calls, milliseconds] = [sum((one) => one.tokens), sum((one) => one.targetCalls), sum((one) => one.milliseconds)]
  const verified = written[0]?.verified
  return {
    adapter: model.adapter,
    draft,
    acceptance_length: calls > 0 ? tokens / calls : 0,
    tokens_per_second: milliseconds > 0 ? tokens * 1000 / milliseconds : 0,
    ...verified
      ? {
          verdict: verified.verdict,
          candidates: verified.candidates,
          trueput: verified.trueput,
          ...verified.tries ? { tries: verified.tries } : {},
          ...verified.stopped === undefined ? {} : { stopped: verified.stopped },
          ...verified.cost ? { cost: verified.cost } : {},
          ...verified.score === undefined ? {} : { score: verified.score },
        }
      : {},
  }
}
