import type { TokenLogprob } from '../../src/inference/index.js'
import type { Written } from './engine.js'
import { chatLogprobs, completionLogprobs } from './logprobs.js'

/** How an answer is put: whole, or in chunks. */
export interface AnswerForm {
  readonly idPrefix: string
  readonly object: string
  readonly chunkObject: string
  choice(index: number, text: string, finish: Written['finish'], logprobs: readonly TokenLogprob[] | undefined): object
  /** Nothing, or the chunk that opens a choice. */
  opening(index: number, echo: string): object | undefined
  piece(index: number, text: string, logprobs: readonly TokenLogprob[] | undefined, offset: number): object
  end(index: number, finish: Written['finish']): object
}

export const chatForm: AnswerForm = {
  idPrefix: 'chatcmpl-',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  choice: (index, content, finish, logprobs) => ({
    index, message: { role: 'assistant', content, refusal: null }, logprobs: chatLogprobs(logprobs), finish_reason: finish,
  }),
  opening: (index) => ({ index, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null }),
  piece: (index, content, logprobs) => ({ index, delta: { content }, logprobs: chatLogprobs(logprobs), finish_reason: null }),
  end: (index, finish) => ({ index, delta: {}, logprobs: null, finish_reason: finish }),
}

export const completionForm: AnswerForm = {
  idPrefix: 'cmpl-',
  object: 'text_completion',
  chunkObject: 'text_completion',
  choice: (index, text, finish, logprobs) => ({ index, text, logprobs: completionLogprobs(logprobs, 0), finish_reason: finish }),
  opening: (index, echo) => echo === '' ? undefined : { index, text: echo, logprobs: null, finish_reason: null },
  piece: (index, text, logprobs, offset) => ({ index, text, logprobs: completionLogprobs(logprobs, offset), finish_reason: null }),
  end: (index, finish) => ({ index, text: '', logprobs: null, finish_reason: finish }),
}
