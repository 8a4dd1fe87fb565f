import process from 'node:process'

import type { FromRunner, ToRunner } from './runner-messages.js'

/** The process in which a user's metric runs. It knows nothing but the module it is told to load and the channel to the node. */
type Score = (input: object) => unknown

const waiting = new Map<number, { resolve: (answer: unknown) => void, reject: (error: Error) => void }>()
let nextCall = 0
let score: Score | undefined

function send(message: FromRunner): void {
  process.send?.(message)
}

function call(tool: 'syntax' | 'synthesis' | 'circuit' | 'equivalence', ...texts: string[]): Promise<unknown> {
  const id = nextCall++
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    send({ kind: 'tool-call', call: id, tool, arguments: texts.map(String) })
  })
}

const tools = {
  syntax: (domain: string, source: string) => call('syntax', domain, source),
  synthesis: (source: string) => call('synthesis', source),
  circuit: (source: string) => call('circuit', source),
  equivalence: (domain: string, reference: string, candidate: string) => call('equivalence', domain, reference, candidate),
}

async function load(url: string): Promise<void> {
  try {
    const module = await import(url) as { score?: unknown }
    if (typeof module.score !== 'function') throw new Error('the module exports no function "score"')
    score = module.score as Score
    send({ kind: 'loaded' })
  } catch (error) {
    send({ kind: 'load-failed', reason: textOf(error) })
  }
}

async function run(id: number, input: object): Promise<void> {
  try {
    const result: unknown = await score?.({ ...input, tools })
    const [value, reason] = typeof result === 'object' && result !== null && 'value' in result
      ? [result.value, 'reason' in result ? result.reason : '']
      : [result, '']
    // JSON has no NaN: null stands for whatever is no number.
    send({ kind: 'scored', id, value: typeof value === 'number' && Number.isFinite(value) ? value : null, reason: typeof reason === 'string' ? reason.slice(0, 2000) : '' })
  } catch (error) {
    send({ kind: 'threw', id, reason: textOf(error) })
  }
}

function textOf(error: unknown): string {
  try {
    return (error instanceof Error ? error.message : String(error)).slice(0, 2000)
  } catch {
    return 'an error that has no text'
  }
}

process.on('message', (message: ToRunner) => {
  switch (message.kind) {
    case 'load': void load(message.url); break
    case 'score': void run(message.id, message.input); break
    case 'tool-answer': {
      const pending = waiting.get(message.call)
      waiting.delete(message.call)
      if (message.error === undefined) pending?.resolve(message.answer)
      else pending?.reject(new Error(message.error))
    }
  }
})
// The node has ended or given up on this process.
process.on('disconnect', () => process.exit(0))
process.on('unhandledRejection', () => undefined)
send({ kind: 'started' })
