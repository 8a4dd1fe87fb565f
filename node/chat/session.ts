import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { codeOf } from '../control/errors.js'
import { NodeError } from '../errors.js'
import type { ChatAnswer } from '../serving/chat.js'
import type { GenerateEvent } from '../serving/request.js'
import { readText } from '../terminal/read-text.js'
import { writingText } from '../terminal/writing.js'
import { COMMANDS, commandIn, helpLines, isCommandName } from './commands.js'
import type { ChatCommand } from './commands.js'
import type { Conversation } from './conversation.js'

/** Where a conversation is seen. */
export interface Screen {
  /** Part of an answer as it appears. */
  part(part: GenerateEvent): void
  /** The answer is over, or was stopped. */
  endOfAnswer(): void
  /** What is no answer. */
  say(...lines: readonly string[]): void
}

/** Takes turns, questions and commands alike, and shows what comes of them. */
export class Session {
  constructor(private readonly conversation: Conversation, private readonly screen: Screen, private readonly context: number) {}

  /**
   * @param signal - stops what the turn has begun
   * @returns whether the conversation goes on
   * @throws whatever went wrong with the turn; the next may be taken all the same
   */
  async take(turn: string, signal: AbortSignal): Promise<boolean> {
    const command = commandIn(turn)
    if (command) return this.#command(command, signal)
    let answer: ChatAnswer | undefined
    try {
      answer = await this.conversation.ask(turn, { signal, onPart: (part) => this.screen.part(part) })
    } finally {
      this.screen.endOfAnswer()
    }
    this.screen.say(...answer ? this.#linesOf(answer) : ['stopped'])
    return true
  }

  async #command({ name, argument }: ChatCommand, signal: AbortSignal): Promise<boolean> {
    const { conversation, screen } = this
    if (!isCommandName(name)) throw new NodeError('USAGE_INVALID', `there is no /${name}: /help lists what there is`)
    if (argument !== '' && COMMANDS[name][0] === '') throw new NodeError('USAGE_INVALID', `/${name} takes nothing: leave ${JSON.stringify(argument)} out`)
    switch (name) {
      case 'help':
        screen.say(...helpLines())
        return true
      case 'model':
        if (argument !== '') await conversation.choose(argument)
        screen.say(...await conversation.models())
        return true
      case 'verify':
        await this.#verify(argument, signal)
        return true
      case 'save':
        await this.#save(argument)
        return true
      case 'reset':
        conversation.reset()
        screen.say('forgotten')
        return true
      case 'exit':
        return false
    }
  }

  async #verify(file: string, signal: AbortSignal): Promise<void> {
    try {
      const { verdict, cost } = await this.conversation.verify(signal, file === '' ? undefined : await readText(resolve(file), 'testbench'))
      this.screen.say(`${verdict.outcome}: ${verdict.reason}${file === '' || verdict.tool === undefined ? '' : ` (${verdict.tool})`}`, ...cost ? [`size ${cost.size}, depth ${cost.depth}`] : [])
    } catch (error) {
      if (!signal.aborted) throw error
      this.screen.say('stopped')
    }
  }

  async #save(argument: string): Promise<void> {
    if (argument === '') throw new NodeError('USAGE_INVALID', 'name the file: /save FILE')
    const isWhole = argument.endsWith('.md')
    const { design } = this.conversation
    const file = resolve(argument)
    try {
      await writeFile(file, isWhole ? this.conversation.markdown : design)
    } catch (error) {
      throw new NodeError('USAGE_INVALID', `${file} cannot be written (${codeOf(error)}): check the path and the right to write there`, { cause: error })
    }
    this.screen.say(`${isWhole ? 'the conversation' : 'the last design'} is in ${file}`)
  }

  #linesOf(answer: ChatAnswer): string[] {
    const { dropped, finish, served } = answer
    return [
      writingText(answer),
      ...finish === 'length' ? [`it was cut after ${served.tokens} tokens: raise --max-tokens, or make room with /reset (the model holds ${this.context}, what was said before included)`] : [],
      ...dropped > 0 ? [`the oldest ${dropped === 1 ? 'turn' : `${dropped} turns`} no longer fit the model's ${this.context} tokens and were left out: /reset begins anew`] : [],
    ]
  }
}
