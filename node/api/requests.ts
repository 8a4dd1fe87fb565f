import * as z from 'zod'

import { between, flag, optional, text, whole } from './fields.js'

/** Answers to one prompt. */
export const MOST_CHOICES = 16
/** Prompts of one request for completions. */
const MOST_PROMPTS = 32
const MOST_STOPS = 4
/** Characters; the body's limit is what bounds prompts. */
const LONGEST_PROMPT = 1 << 26
const MOST_MESSAGES = 4096

const stop = z.union([text(1000), z.array(text(1000)).max(MOST_STOPS)], { error: `give text, or a list of up to ${MOST_STOPS} texts of 1 to 1000 characters` })
  .transform((given) => typeof given === 'string' ? [given] : given)

const responseFormat = z.object({
  type: z.enum(['text', 'json_object', 'json_schema'], { error: 'give text, json_object or json_schema' }),
  json_schema: optional(z.object({ name: optional(text(64)), schema: optional(z.record(z.string(), z.unknown())), strict: optional(flag) })),
})

/** What OpenAI's API does not have. */
const own = z.object({
  verify: optional(flag),
  domain: optional(z.enum(['verilog', 'qasm'], { error: 'give verilog or qasm' })),
  reference: optional(text(200_000)),
  testbench: optional(text(200_000)),
  samples: optional(whole(1, 64)),
  draft: optional(z.enum(['none', 'lookup', 'personal'], { error: 'give none, lookup or personal' })),
})

const common = {
  model: optional(text(200, 0)),
  stream: optional(flag),
  stream_options: optional(z.object({ include_usage: optional(flag) })),
  n: optional(whole(1, MOST_CHOICES)),
  seed: optional(whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  stop: optional(stop),
  temperature: optional(between(0, 2)),
  top_p: optional(between(0, 1)),
  top_k: optional(whole(-1, 1_000_000)),
  min_p: optional(z.number({ error: 'give a number from 0 to below 1' }).min(0, { error: 'give a number from 0 to below 1' }).lt(1, { error: 'give a number from 0 to below 1' })),
  repetition_penalty: optional(between(0.01, 10)),
  frequency_penalty: optional(between(-2, 2)),
  presence_penalty: optional(between(-2, 2)),
  max_tokens: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  user: optional(text(256, 0)),
  safety_identifier: optional(text(256, 0)),
  logit_bias: optional(z.record(z.string(), z.unknown())),
  response_format: optional(responseFormat),
  meshwright: optional(own),
}

const textPart = z.object({ type: z.literal('text'), text: text(LONGEST_PROMPT, 0) })

const content = z.union([text(LONGEST_PROMPT, 0), z.array(textPart).max(MOST_MESSAGES)], { error: 'give text, or a list of parts of the type "text": this model reads nothing else' })
  .transform((given) => typeof given === 'string' ? given : given.map((part) => part.text).join(''))

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant'], { error: 'give system, developer, user or assistant: this model uses no tools' }),
  content,
})

export const chatSchema = z.object({
  ...common,
  messages: z.array(message, { error: 'give a list of messages' }).min(1, { error: 'give at least one message' }).max(MOST_MESSAGES, { error: `give at most ${MOST_MESSAGES} messages` }),
  max_completion_tokens: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  logprobs: optional(flag),
  top_logprobs: optional(whole(0, 20)),
  tools: optional(z.array(z.unknown())),
  tool_choice: optional(z.unknown()),
  functions: optional(z.array(z.unknown())),
  modalities: optional(z.array(z.unknown())),
})

export type ChatRequest = z.output<typeof chatSchema>

const ids = z.array(whole(0, (1 << 22) - 1)).min(1)
const prompt = z.union([
  text(LONGEST_PROMPT, 0), ids, z.array(z.union([text(LONGEST_PROMPT, 0), ids])).min(1).max(MOST_PROMPTS),
], { error: `give text, a list of token ids, or a list of up to ${MOST_PROMPTS} of these` })
  .transform((given): readonly (string | readonly number[])[] => {
    if (typeof given === 'string') return [given]
    return isIds(given) ? [given] : given
  })

function isIds(given: readonly (number | string | readonly number[])[]): given is readonly number[] {
  return typeof given[0] === 'number'
}

export const completionSchema = z.object({
  ...common,
  prompt,
  suffix: optional(text(LONGEST_PROMPT, 0)),
  best_of: optional(whole(1, MOST_CHOICES)),
  echo: optional(flag),
  logprobs: optional(whole(0, 20)),
})

export type CompletionRequest = z.output<typeof completionSchema>
export type CommonRequest = Omit<ChatRequest, 'messages' | 'logprobs' | 'top_logprobs' | 'max_completion_tokens' | 'tools' | 'tool_choice' | 'functions' | 'modalities'>

export const loadSchema = z.object({
  lora_name: z.string({ error: 'give the name under which the adapter is to be served' })
    .regex(/^[A-Za-z0-9][\w.:-]{0,127}$/, { error: 'give a name of up to 128 letters, digits, dots, colons, hyphens and underscores' }),
  lora_path: text(4096),
})

export const unloadSchema = z.object({ lora_name: text(200) })
