import { randomInt } from 'node:crypto'

import type { Engine, ModelCard, VerifiedJob, WriteJob } from './engine.js'
import { ApiError, invalid, unsupported } from './errors.js'
import { formatCheckOf } from './response-format.js'
import type { FormatCheck } from './response-format.js'
import type { ChatRequest, CommonRequest, CompletionRequest } from './requests.js'

/** Texts of one request, all prompts together. */
const MOST_TEXTS = 32
/** OpenAI's default for completions. */
const COMPLETION_TOKENS = 16
/** Where several answers are asked for without saying how they are to differ. */
const TEMPERATURE_OF_SEVERAL = 0.8
/** A nucleus of this mass is the most probable token alone, as of 0. */
const SMALLEST_NUCLEUS = 1e-6
const SEEDS = 2 ** 31

export type Job = WriteJob | VerifiedJob

/** What is to be written for a request. */
export interface Plan {
  readonly model: ModelCard
  /** The jobs of the first prompt, then those of the second, and so on. */
  readonly jobs: readonly Job[]
  readonly jobsPerPrompt: number
  /** Of the jobs of a prompt, so many are answered. */
  readonly choicesPerPrompt: number
  /** Text that is put before each answer, by prompt. */
  readonly echoes: readonly string[]
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly logprobs: boolean
  readonly check: FormatCheck | undefined
  readonly draft: WriteJob['draft']
}

export function isVerified(job: Job): job is VerifiedJob {
  return 'specification' in job
}

/** @throws ApiError */
export function planChat(request: ChatRequest, engine: Engine, client: string): Plan {
  const { messages, tools, functions, tool_choice: choice, modalities, logprobs, top_logprobs: top } = request
  if (((tools?.length ?? 0) > 0 && choice !== 'none') || (functions?.length ?? 0) > 0) throw unsupported('tools', 'this model calls no tools: leave them out, or set tool_choice to "none"')
  if (modalities?.some((kind) => kind !== 'text') ?? false) throw unsupported('modalities', 'this model writes text only')
  if (top !== undefined && logprobs !== true) throw invalid('top_logprobs', 'set logprobs to true, too')
  const model = modelOf(request, engine)
  bound(messages.reduce((sum, { content }) => sum + content.length, 0), engine, 'messages')
  const prompt = engine.encodeChat(messages.map(({ role, content }) => ({ role: role === 'developer' ? 'system' : role, content })))
  const specification = messages.findLast(({ role }) => role === 'user')?.content ?? ''
  return plan(request, engine, {
    model, client, prompts: [prompt], param: 'messages', specification,
    maximumTokens: request.max_completion_tokens ?? request.max_tokens,
    maximumParam: request.max_completion_tokens === undefined ? 'max_tokens' : 'max_completion_tokens',
    defaultTokens: engine.context,
    logprobs: logprobs === true ? top ?? 0 : undefined,
    bestOf: undefined, echoes: [''],
  })
}

/** @throws ApiError */
export function planCompletion(request: CompletionRequest, engine: Engine, client: string): Plan {
  const { prompt: given, suffix, best_of: bestOf, echo, logprobs } = request
  const model = modelOf(request, engine)
  if (suffix !== undefined && !engine.canInfill) throw unsupported('suffix', 'this model has no tokens for filling in the middle: leave the suffix out')
  if (echo === true && logprobs !== undefined) throw unsupported('echo', 'the logprobs of a prompt are not told: leave out echo or logprobs')
  if (echo === true && suffix !== undefined) throw invalid('echo', 'a text that is filled in has no echo: leave one of them out')
  const prompts = given.map((one) => {
    if (typeof one !== 'string') {
      const unknown = one.find((id) => !engine.knows(id))
      if (unknown !== undefined) throw invalid('prompt', `the model has no token ${unknown}`)
      if (suffix !== undefined) throw invalid('prompt', 'give text where there is a suffix')
      return one
    }
    bound(one.length + (suffix?.length ?? 0), engine, 'prompt')
    return suffix === undefined ? engine.encode(one) : engine.encodeInfill(one, suffix)
  })
  return plan(request, engine, {
    model, client, prompts, param: 'prompt', logprobs, bestOf,
    specification: typeof given[0] === 'string' ? given[0] : engine.decode(given[0]!),
    maximumTokens: request.max_tokens, maximumParam: 'max_tokens', defaultTokens: COMPLETION_TOKENS,
    echoes: given.map((one) => echo !== true ? '' : typeof one === 'string' ? one : engine.decode(one)),
  })
}

interface Given {
  readonly model: ModelCard
  readonly client: string
  readonly prompts: readonly (readonly number[])[]
  readonly param: 'messages' | 'prompt'
  readonly specification: string
  readonly maximumTokens: number | undefined
  readonly maximumParam: string
  readonly defaultTokens: number
  readonly logprobs: number | undefined
  readonly bestOf: number | undefined
  readonly echoes: readonly string[]
}

function plan(request: CommonRequest, engine: Engine, { model, client, prompts, param, specification, maximumTokens, maximumParam, defaultTokens, logprobs, bestOf, echoes }: Given): Plan {
  const { n = 1, stream = false } = request
  const { context } = engine
  if (Object.keys(request.logit_bias ?? {}).length > 0) throw unsupported('logit_bias', 'probabilities are not changed token by token: leave it out')
  if (maximumTokens !== undefined && maximumTokens > context) throw invalid(maximumParam, `the model holds ${context} tokens, prompt included: give at most ${context}`)
  const jobsPerPrompt = bestOf ?? n
  if (jobsPerPrompt < n) throw invalid('best_of', `give at least n, which is ${n}`)
  if (jobsPerPrompt > n && stream) throw invalid('best_of', 'what is chosen among several texts cannot be streamed: leave out one of the two')
  if (prompts.length * jobsPerPrompt > MOST_TEXTS) throw invalid('n', `${prompts.length} prompts with ${jobsPerPrompt} texts each are too many: ask for at most ${MOST_TEXTS} texts in one request`)
  const check = formatCheckOf(request.response_format)
  const common = {
    adapter: model.adapter, client,
    stop: request.stop ?? [],
    draft: request.meshwright?.draft ?? 'personal',
    ...logprobs !== undefined || jobsPerPrompt > n ? { logprobs: logprobs ?? 0 } : {},
  } as const
  const verified = verifiedPart(request, { specification, texts: prompts.length * jobsPerPrompt, logprobs, check })
  const temperature = request.temperature ?? (jobsPerPrompt > 1 || (verified?.samples ?? 1) > 1 ? TEMPERATURE_OF_SEVERAL : 0)
  const seed = request.seed ?? randomInt(SEEDS)
  const topP = Math.max(SMALLEST_NUCLEUS, request.top_p ?? 1)
  const jobs = prompts.flatMap((prompt) => {
    if (prompt.length === 0) throw invalid(param, 'the prompt is empty: write what you want')
    const room = context - prompt.length
    if (room < 1) throw tooLong(param, `${prompt.length} tokens`, context)
    return Array.from({ length: jobsPerPrompt }, (_, at): Job => ({
      ...common, prompt, ...verified,
      maximumTokens: Math.min(room, maximumTokens ?? defaultTokens),
      sampling: {
        temperature, topP, topK: Math.max(0, request.top_k ?? 0), minP: request.min_p ?? 0, repetitionPenalty: request.repetition_penalty ?? 1,
        frequencyPenalty: request.frequency_penalty ?? 0, presencePenalty: request.presence_penalty ?? 0,
        // Further answers are others; the same request gives the same ones.
        seed: at === 0 ? seed : seed % SEEDS + at,
      },
    }))
  })
  return {
    model, jobs, jobsPerPrompt, choicesPerPrompt: n, echoes, stream, check,
    includeUsage: request.stream_options?.include_usage ?? false, logprobs: logprobs !== undefined, draft: common.draft,
  }
}

function verifiedPart(
  request: CommonRequest, { specification, texts, logprobs, check }: { readonly specification: string, readonly texts: number, readonly logprobs: number | undefined, readonly check: FormatCheck | undefined },
): Pick<VerifiedJob, 'specification' | 'domain' | 'reference' | 'testbench' | 'samples'> | undefined {
  const { verify, domain, reference, testbench, samples } = request.meshwright ?? {}
  const isChecked = reference !== undefined || testbench !== undefined || (samples ?? 1) > 1
  if (verify === false && isChecked) throw invalid('meshwright.verify', 'a reference, a testbench and several samples are for verified answers: leave verify out or set it to true')
  if (verify !== true && !isChecked) return undefined
  if (testbench !== undefined && domain === 'qasm') throw invalid('meshwright.testbench', 'testbenches are Verilog: give a reference for OpenQASM')
  if (specification.trim() === '') throw invalid('meshwright.verify', 'without a specification from the user there is nothing to verify')
  if (texts > 1) throw invalid('n', 'a verified answer is one: set n to 1, and meshwright.samples to how many designs may be written for it')
  if ((request.stop?.length ?? 0) > 0) throw invalid('stop', 'a verified answer is a whole design: leave stop out')
  if (logprobs !== undefined) throw invalid('logprobs', 'not told of verified answers: leave it out')
  if (check) throw invalid('response_format', 'a verified answer is a design: ask for text')
  return { specification, ...samples === undefined ? {} : { samples }, ...domain === undefined ? {} : { domain }, ...reference === undefined ? {} : { reference }, ...testbench === undefined ? {} : { testbench } }
}

function modelOf({ model }: CommonRequest, engine: Engine): ModelCard {
  const found = engine.find(model === '' ? undefined : model)
  if (found) return found
  throw new ApiError(404, 'model_not_found', `there is no model ${JSON.stringify(model)}: use ${engine.models().map(({ id }) => id).join(', ')}, or leave it out for the best one`, { param: 'model' })
}

function bound(characters: number, { longestText, context }: Engine, param: string): void {
  if (characters > longestText) throw tooLong(param, `${characters} characters`, context)
}

function tooLong(param: string, what: string, context: number): ApiError {
  return new ApiError(400, 'context_length_exceeded', `${param}: the prompt has ${what}, and the model holds ${context} tokens with its answer: shorten it`, { param })
}
