import type { CheckedDesign } from '../../src/inference/index.js'

import type { ChatAnswer, ChatInput, ChatModels, CheckRequest } from '../serving/chat.js'
import type { GenerateEvent } from '../serving/request.js'

export interface AnswerHow {
  /** Ends the answer. */
  readonly signal: AbortSignal
  /** Sees it as it appears. */
  readonly onPart: (part: GenerateEvent) => void
}

/** Who answers in a conversation: the models of a running node, or those of a data folder. */
export interface Partner {
  models(): Promise<ChatModels>
  answer(request: ChatInput, how: AnswerHow): Promise<ChatAnswer>
  check(request: CheckRequest, signal: AbortSignal): Promise<CheckedDesign>
  close(): Promise<void>
}
