import type { Tokenizer } from '../../model/index.js'
import type { Candidate } from './candidate.js'

/** Characters of a checker's reason that are shown: what is wrong stands at its beginning. */
const REASON_SHOWN = 400

/**
 * The prompt that shows a model its design and what the checker said of it.
 *
 * @throws ModelError MODEL_CHAT_TEMPLATE
 */
export function repairPrompt(tokenizer: Tokenizer, specification: string, { design, verdict }: Candidate): number[] {
  return tokenizer.encode(tokenizer.renderChat([
    { role: 'user', content: specification },
    { role: 'assistant', content: design },
    { role: 'user', content: `This design does not pass: ${verdict.reason.slice(0, REASON_SHOWN)}\nWrite it again so that it does.` },
  ], { addGenerationPrompt: true }))
}
