import { createInterface } from 'node:readline'

import { Conversation } from '../chat/conversation.js'
import type { ConversationSettings } from '../chat/conversation.js'
import { openPartner } from '../chat/open-partner.js'
import { Session } from '../chat/session.js'
import type { Screen } from '../chat/session.js'
import { TurnReader } from '../chat/turns.js'
import type { ChatModels } from '../serving/chat.js'
import { dataFolderOf } from '../settings/settings.js'
import { partText } from '../terminal/writing.js'
import { EXIT } from './exit-codes.js'
import { report } from './failures.js'

export interface ChatRun {
  readonly data: string | undefined
  readonly checker: string | undefined
  readonly settings: ConversationSettings
  readonly debug: boolean
}

const PROMPT = '> '
const PROMPT_WITHIN = '. '

/**
 * Holds a conversation on the terminal, or with lines that are piped in. Answers go to standard output, everything else to standard error.
 *
 * @returns the exit code: where nobody looks on, that of the first turn that failed
 */
export async function runChat({ data, checker, settings, debug }: ChatRun): Promise<number> {
  const partner = await openPartner(dataFolderOf(data), checker)
  try {
    const models = await partner.models()
    const conversation = new Conversation(partner, models, settings)
    if (settings.adapter !== undefined) await conversation.choose(settings.adapter)
    const isTerminal = process.stdin.isTTY && process.stderr.isTTY
    const screen = terminalScreen()
    screen.say(...greeting(models, conversation, isTerminal))
    return await takeTurns(new Session(conversation, screen, models.context), { isTerminal, debug })
  } finally {
    await partner.close()
  }
}

async function takeTurns(session: Session, { isTerminal, debug }: { readonly isTerminal: boolean, readonly debug: boolean }): Promise<number> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: isTerminal })
  const turns = new TurnReader()
  let work: AbortController | undefined
  let isOpen = true
  let exitCode: number = EXIT.ok
  const prompt = (): void => {
    if (!isTerminal || !isOpen) return
    lines.setPrompt(turns.isOpen ? PROMPT_WITHIN : PROMPT)
    lines.prompt()
  }
  const take = async (turn: string): Promise<boolean> => {
    work = new AbortController()
    try {
      return await session.take(turn, work.signal)
    } catch (error) {
      const code = report(error, { debug })
      if (!isTerminal && exitCode === EXIT.ok) exitCode = code
      return true
    } finally {
      work = undefined
    }
  }
  const interrupt = (): void => {
    if (work) {
      work.abort()
      return
    }
    // What was typed is given up, as in a shell.
    turns.end()
    if (!isTerminal) {
      exitCode = INTERRUPTED
      lines.close()
      return
    }
    lines.write(null, { ctrl: true, name: 'e' })
    lines.write(null, { ctrl: true, name: 'u' })
    process.stderr.write('\n(Ctrl-D or /exit ends the conversation)\n')
    prompt()
  }
  lines.on('close', () => { isOpen = false })
  lines.on('SIGINT', interrupt)
  process.on('SIGINT', interrupt)
  try {
    prompt()
    for await (const line of lines) {
      const turn = turns.push(line)
      if (turn !== undefined && !await take(turn)) return exitCode
      prompt()
    }
    if (isTerminal) process.stderr.write('\n')
    const last = turns.end()
    if (last !== undefined) await take(last)
    return exitCode
  } finally {
    process.off('SIGINT', interrupt)
    lines.close()
  }
}

/** Of a process that Ctrl-C has ended. */
const INTERRUPTED = 130

function terminalScreen(): Screen {
  const isColoured = process.stdout.isTTY
  let endsLine = true
  return {
    part(part) {
      process.stdout.write(partText(part, isColoured))
      if (part.text !== '') endsLine = part.text.endsWith('\n')
    },
    endOfAnswer() {
      if (!endsLine) process.stdout.write('\n')
      endsLine = true
    },
    say: (...said) => void process.stderr.write(said.map((line) => `${line}\n`).join('')),
  }
}

function greeting({ best, context, hasChatTemplate }: ChatModels, { model }: Conversation, isTerminal: boolean): string[] {
  return [
    ...isTerminal ? [`${model ?? best} answers, and holds ${context} tokens. /help says what can be typed here, Ctrl-D ends the conversation.`] : [],
    ...hasChatTemplate ? [] : ['This base has no chat template: it is given the texts of all turns, one after another with an empty line between.'],
  ]
}
