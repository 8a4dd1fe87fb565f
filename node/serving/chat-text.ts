import type { Tokenizer } from '../../src/model/index.js'

import type { ChatTurn } from '../api/engine.js'

/** Turns in the form that the model was trained with; where it has no chat template, their texts, one after another. */
export function encodeChat(tokenizer: Tokenizer, turns: readonly ChatTurn[]): number[] {
  return tokenizer.encode(tokenizer.hasChatTemplate
    ? tokenizer.renderChat(turns, { addGenerationPrompt: true })
    : turns.map(({ content }) => `${content.trimEnd()}\n\n`).join(''))
}
