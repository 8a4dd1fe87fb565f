import { Template } from '@huggingface/jinja'
import * as z from 'zod'

import { ModelError } from './errors.js'
import { TextTokenizer } from './text-tokenizer.js'
import { tokenBytes } from './token-bytes.js'

export interface ChatMessage {
  readonly role: string
  readonly content: string
}

/** Text to token ids and back, as the model was pre-trained. */
export interface Tokenizer {
  /** Ids of a text. Special tokens that stand in the text are recognised; none are added. */
  encode(text: string): number[]
  /** The text of some ids, special tokens included. Ids outside the vocabulary are left out. */
  decode(ids: ArrayLike<number>): string
  /** What one id stands for in UTF-8; a character may be divided among several. Nothing for an id outside the vocabulary. */
  bytes(id: number): Uint8Array
  /** One more than the largest id. */
  readonly vocabularySize: number
  /** The ids that end a text. */
  readonly endIds: readonly number[]
  /** Whether `renderChat` has a template to go by. */
  readonly hasChatTemplate: boolean
  /**
   * Messages in the form that the model expects, by its chat template.
   *
   * @throws ModelError MODEL_CHAT_TEMPLATE where the folder has no template, or it refuses the messages
   */
  renderChat(messages: readonly ChatMessage[], options?: { readonly addGenerationPrompt?: boolean }): string
}

export interface TokenizerFiles {
  /** tokenizer.json, parsed */
  readonly tokenizer: unknown
  /** tokenizer_config.json, parsed */
  readonly settings: unknown
  /** chat_template.jinja, where the template is not among the settings */
  readonly chatTemplate?: string | undefined
  /** Ids that end a text, from config.json and generation_config.json. */
  readonly endIds: readonly number[]
}

const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string() }).transform((token) => token.content)]).nullish()

const settingsSchema = z.looseObject({
  bos_token: tokenSchema,
  eos_token: tokenSchema,
  unk_token: tokenSchema,
  pad_token: tokenSchema,
  chat_template: z.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))]).nullish(),
})

/** The library makes a list as long as the largest id; the largest vocabularies have a quarter of a million tokens. */
const tokenId = z.int().min(0).max((1 << 22) - 1)

const tokenizerSchema = z.looseObject({
  // Files of old have no type; the library tells them apart by their other fields.
  model: z.looseObject({
    type: z.enum(['BPE', 'Unigram', 'WordPiece']).optional(),
    // Unigram lists its tokens with their scores, in the order of their ids.
    vocab: z.union([z.record(z.string(), tokenId), z.array(z.tuple([z.string(), z.number()]))]),
  }),
  decoder: z.unknown(),
  added_tokens: z.array(z.looseObject({ id: tokenId, content: z.string() })).default([]),
})

/** @throws ModelError MODEL_TOKENIZER_INVALID, MODEL_CHAT_TEMPLATE */
export function createTokenizer(files: TokenizerFiles): Tokenizer {
  const settings = check(settingsSchema, files.settings, 'tokenizer_config.json')
  const definition = check(tokenizerSchema, files.tokenizer, 'tokenizer.json')
  const text = buildTokenizer(definition, settings)
  const template = compileTemplate(files.chatTemplate ?? defaultTemplate(settings.chat_template))

  let vocabularySize = 0
  for (const id of text.get_vocab(true).values()) vocabularySize = Math.max(vocabularySize, id + 1)
  if (vocabularySize === 0) throw new ModelError('MODEL_TOKENIZER_INVALID', 'tokenizer.json holds an empty vocabulary')

  const toBytes = tokenBytes(definition.decoder)
  // Added tokens are text as it is, whatever the vocabulary writes for a byte.
  const added = new Map(definition.added_tokens.map(({ id, content }) => [id, new TextEncoder().encode(content)]))
  const endIds = new Set(files.endIds)
  const endId = typeof settings.eos_token === 'string' ? text.token_to_id(settings.eos_token) : undefined
  if (endId !== undefined) endIds.add(endId)

  return {
    vocabularySize,
    endIds: [...endIds],
    hasChatTemplate: template !== undefined,
    // What the vocabulary has no token for, not even an unknown one, is left out, as in the tokenizers of Hugging Face.
    encode: (input) => text.encode(input, { add_special_tokens: false }).ids.filter((id: number | undefined) => id !== undefined),
    // The library refuses to decode nothing.
    decode: (ids) => {
      const known = Array.from(ids).filter((id) => text.id_to_token(id) !== undefined)
      return known.length === 0 ? '' : text.decode(known, { skip_special_tokens: false, clean_up_tokenization_spaces: false })
    },
    bytes: (id) => {
      const token = text.id_to_token(id)
      return added.get(id) ?? (token === undefined ? new Uint8Array() : toBytes(token))
    },
    renderChat: (messages, { addGenerationPrompt = false } = {}) => {
      if (template === undefined) {
        throw new ModelError('MODEL_CHAT_TEMPLATE', 'the model has no chat template: add chat_template to its tokenizer_config.json')
      }
      try {
        return template.render({
          messages: messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: addGenerationPrompt,
          bos_token: settings.bos_token ?? '',
          eos_token: settings.eos_token ?? '',
          unk_token: settings.unk_token ?? '',
          pad_token: settings.pad_token ?? '',
        })
      } catch (error) {
        throw new ModelError('MODEL_CHAT_TEMPLATE', `the chat template refuses the messages: ${describe(error)}`, { cause: error })
      }
    },
  }
}

function buildTokenizer(definition: object, settings: object): TextTokenizer {
  try {
    // The clean-up of spaces changes text such as "a , b", so that a round trip would not give the design back.
    const tokenizer = new TextTokenizer(definition, { ...settings, clean_up_tokenization_spaces: false })
    tokenizer.encode('a', { add_special_tokens: false })
    return tokenizer
  } catch (error) {
    throw new ModelError('MODEL_TOKENIZER_INVALID', `tokenizer.json cannot be used: ${describe(error)}`, { cause: error })
  }
}

function defaultTemplate(templates: z.infer<typeof settingsSchema>['chat_template']): string | undefined {
  if (typeof templates === 'string') return templates
  return (templates?.find(({ name }) => name === 'default') ?? templates?.[0])?.template
}

/** Characters of a chat template: twice the longest in use, and compiling takes quadratic time. */
const LONGEST_TEMPLATE = 32 * 1024

function compileTemplate(source: string | undefined): Template | undefined {
  if (source === undefined) return undefined
  if (source.length > LONGEST_TEMPLATE) throw new ModelError('MODEL_CHAT_TEMPLATE', `the model's chat template has ${source.length} characters, and at most ${LONGEST_TEMPLATE} are read: is it the right file?`)
  try {
    return new Template(source)
  } catch (error) {
    throw new ModelError('MODEL_CHAT_TEMPLATE', `the model's chat template cannot be read: ${describe(error)}`, { cause: error })
  }
}

function check<T extends z.ZodType>(schema: T, value: unknown, file: string): z.infer<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ModelError('MODEL_TOKENIZER_INVALID', `${file} is wrong at ${issue?.path.join('.') ?? 'its start'}: ${issue?.message ?? 'no object'}`)
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
