import * as z from 'zod'

import { checkDesign, examineTestbench } from '../../src/inference/index.js'
import type { CheckedDesign } from '../../src/inference/index.js'
import type { Domain } from '../../src/quality/index.js'

import { encodeChat } from './chat-text.js'
import { fitTurns } from './fit-turns.js'
import { BEST_FIRST, generateSchema } from './request.js'
import type { AdapterName, GenerateAnswer, GenerateEvent } from './request.js'
import type { GenerationService } from './service.js'

/** What a turn of a conversation is asked for with. */
export const chatSchema = generateSchema.pick({ adapter: true, temperature: true, topK: true, topP: true, seed: true, maximumTokens: true, draft: true }).extend({
  /** Questions and answers in turns; the last one is a question. */
  turns: z.array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.string().max(200_000) })).min(1).max(4096).refine((turns) => turns.at(-1)?.role === 'user', 'the last turn must be the user\'s'),
})

export type ChatRequest = z.infer<typeof chatSchema>
export type ChatInput = z.input<typeof chatSchema>

export interface ChatAnswer extends Pick<GenerateAnswer, 'adapter' | 'draft' | 'finish' | 'served' | 'tokensPerSecond' | 'acceptanceLength'> {
  readonly text: string
  /** Turns from the beginning that did not fit the context: the model has not seen them. */
  readonly dropped: number
}

/** A design that is to be checked by a testbench, or as far as it can be without one. */
export const checkSchema = z.strictObject({ domain: z.enum(['verilog', 'qasm']).optional(), design: z.string().max(200_000), testbench: generateSchema.shape.testbench })

export type CheckRequest = z.infer<typeof checkSchema>

/** What a conversation can be held with. */
export interface ChatModels {
  readonly names: readonly AdapterName[]
  /** Which answers where none is named. */
  readonly best: AdapterName
  readonly context: number
  readonly hasChatTemplate: boolean
  /** What kind of hardware the node's own designs are. */
  readonly domain: Domain
}

export function chatModels({ names, base, domain }: GenerationService): ChatModels {
  return { names, best: BEST_FIRST.find((name) => names.includes(name))!, context: base.config.maximumPositions, hasChatTemplate: base.tokenizer.hasChatTemplate, domain }
}

/**
 * Answers the last turn of a conversation, with as many of those before it as fit the context.
 *
 * @throws what `GenerationService.generate` throws
 */
export async function chat(service: GenerationService, { turns, ...request }: ChatRequest, how: { readonly signal: AbortSignal, readonly onEvent?: (event: GenerateEvent) => void }): Promise<ChatAnswer> {
  const { tokenizer, config } = service.base
  const { prompt, dropped } = fitTurns(turns, { context: config.maximumPositions, maximumTokens: request.maximumTokens, encode: (kept) => encodeChat(tokenizer, kept) })
  const answer = await service.generate({ ...request, specification: turns.at(-1)!.content, verify: false, samples: 1 }, { ...how, prompt })
  const { adapter, draft, finish, served, tokensPerSecond, acceptanceLength } = answer
  return { text: answer.design, dropped, adapter, draft, finish, served, tokensPerSecond, acceptanceLength }
}

/**
 * The testbench decides where there is one; else synthesis for Verilog, meaning for OpenQASM.
 *
 * @throws InferenceError INFERENCE_TESTBENCH_INVALID, INFERENCE_TESTBENCH_NOT_RUN
 * @throws QualityError CHECKER_ABORTED and whatever keeps the checker from work
 */
export async function check(service: GenerationService, { design, testbench, domain = testbench === undefined ? service.domain : 'verilog' }: CheckRequest, signal: AbortSignal): Promise<CheckedDesign> {
  const request = { domain, specification: '', ...testbench === undefined ? {} : { testbench } }
  await examineTestbench(service.checker, request, signal)
  return checkDesign(service.checker, request, design, signal)
}
