import type { GenerateAnswer, GenerateEvent } from '../serving/request.js'

/** Part of a text as it appears. In colour, what a draft had proposed is green. */
export function partText({ text, accepted }: Pick<GenerateEvent, 'text' | 'accepted'>, isColoured: boolean): string {
  return isColoured && accepted > 0 ? `\x1b[32m${text}\x1b[0m` : text
}

/** Which model wrote a text, and how fast. */
export function writingText({ adapter, draft, served, tokensPerSecond, acceptanceLength }: Pick<GenerateAnswer, 'adapter' | 'draft' | 'served' | 'tokensPerSecond' | 'acceptanceLength'>): string {
  return `model ${adapter}, draft ${draft}: ${served.tokens} tokens in ${(served.generationMilliseconds / 1000).toFixed(2)} s, ${tokensPerSecond.toFixed(0)} tokens/s, ${acceptanceLength.toFixed(2)} tokens kept a call`
}
