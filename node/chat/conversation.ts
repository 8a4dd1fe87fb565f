import type { CheckedDesign } from '../../src/inference/index.js'
import type { Domain } from '../../src/quality/index.js'

import type { ChatTurn } from '../api/engine.js'
import { NodeError } from '../errors.js'
import { designIn } from '../evaluation/design-in.js'
import type { ChatAnswer, ChatInput, ChatModels } from '../serving/chat.js'
import type { AdapterName } from '../serving/request.js'
import type { AnswerHow, Partner } from './partner.js'

/** How answers are written, and in which language the designs of a conversation are. */
export interface ConversationSettings extends Omit<ChatInput, 'turns'> {
  readonly domain?: Domain
}

/** What is said in turns with a model: nothing of how it is typed or shown. */
export class Conversation {
  readonly #turns: (ChatTurn & { readonly role: 'user' | 'assistant' })[] = []
  /** Turns before this one no longer fit the context. */
  #from = 0
  #model: AdapterName | undefined
  readonly #writing: Omit<ChatInput, 'turns'>
  readonly #domain: Domain

  /** @param models - what the partner has at the beginning */
  constructor(private readonly partner: Partner, models: ChatModels, { domain = models.domain, adapter, ...writing }: ConversationSettings) {
    this.#domain = domain
    this.#model = adapter
    this.#writing = writing
  }

  /** The model that was chosen; undefined for the best that there is. */
  get model(): AdapterName | undefined { return this.#model }

  /**
   * Asks, and remembers question and answer. One that is stopped counts as far as it was written; one that fails was never asked.
   *
   * @returns undefined where `signal` has stopped the answer
   * @throws what the partner throws
   */
  async ask(question: string, { signal, onPart }: AnswerHow): Promise<ChatAnswer | undefined> {
    const asked = { role: 'user' as const, content: question }
    let written = ''
    try {
      const answer = await this.partner.answer({ ...this.#writing, ...this.#model === undefined ? {} : { adapter: this.#model }, turns: [...this.#turns.slice(this.#from), asked] }, {
        signal,
        onPart: (part) => {
          written += part.text
          onPart(part)
        },
      })
      this.#from += answer.dropped
      this.#turns.push(asked, { role: 'assistant', content: answer.text })
      return answer
    } catch (error) {
      if (!signal.aborted) throw error
      if (written !== '') this.#turns.push(asked, { role: 'assistant', content: written })
      return undefined
    }
  }

  /**
   * Answers with another model from now on.
   *
   * @throws NodeError USAGE_INVALID
   */
  async choose(name: string): Promise<void> {
    const { names } = await this.partner.models()
    const found = names.find((one) => one === name || `meshwright/${one}` === name)
    if (found === undefined) throw new NodeError('USAGE_INVALID', `there is no model ${JSON.stringify(name)}: use ${names.join(', ')}`)
    this.#model = found
  }

  /** The models that there are now, as lines for people. */
  async models(): Promise<string[]> {
    const { names, best } = await this.partner.models()
    const used = this.#model ?? best
    return names.map((name) => `${name === used ? '*' : ' '} ${name}`)
  }

  /** The last design that was written. @throws NodeError USAGE_INVALID */
  get design(): string {
    const answer = this.#turns.findLast(({ role }) => role === 'assistant')
    if (answer === undefined) throw new NodeError('USAGE_INVALID', 'there is no design yet: ask for one first')
    return designIn(answer.content, this.#domain)
  }

  /** Has the last design checked, by a testbench where one is given. @throws NodeError USAGE_INVALID, and what the partner throws */
  verify(signal: AbortSignal, testbench?: string): Promise<CheckedDesign> {
    return this.partner.check({ design: this.design, domain: this.#domain, ...testbench === undefined ? {} : { testbench } }, signal)
  }

  /** Everything that was said, those turns included that the model no longer sees. */
  get markdown(): string {
    return this.#turns.map(({ role, content }) => role === 'user' ? `## Question\n\n${content}\n` : `## Answer\n\n${fenced(content, this.#domain)}`).join('\n')
  }

  /** Forgets all turns. The model stays. */
  reset(): void {
    this.#turns.length = 0
    this.#from = 0
  }
}

/** @param content - a design, or text with its own fences */
function fenced(content: string, domain: Domain): string {
  return content.includes('```') ? `${content.trimEnd()}\n` : `\`\`\`${domain}\n${content.trimEnd()}\n\`\`\`\n`
}
