import { Socket } from 'node:net'

import * as z from 'zod'

import { commandIn } from '../../../node/chat/commands.js'
import { TurnReader } from '../../../node/chat/turns.js'
import { onJsonLines } from '../../../node/control/lines.js'
import { chatSchema } from '../../../node/serving/chat.js'
import { fitTurns } from '../../../node/serving/fit-turns.js'
import { generateSchema } from '../../../node/serving/request.js'
import { parseConfig } from '../../../src/config/index.js'
import { encodeFrame, FrameReader } from '../../../src/quality/checker/frames.js'
import { clientMessageSchema } from '../../../src/quality/checker/messages.js'

import type { Draw } from '../draw.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignText } from '../mutate-text.js'
import { foreignValue } from '../mutate-values.js'
import { must, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const COMMAND = { id: 1, method: 'generate', params: { specification: 'Write module a.' } }

/** The bytes in pieces, as a socket brings them. */
function cut<Whole extends string | Uint8Array>(whole: Whole, draw: Draw): Whole[] {
  const at = draw.below(whole.length + 1)
  return [whole.slice(0, at), whole.slice(at)] as Whole[]
}

/** Lines up to the first that is no JSON are received; nothing is after the connection has been ended. */
const lines = surface({
  name: 'control-lines',
  from: 'a user',
  make: (draw) => cut(foreignText([`${JSON.stringify(COMMAND)}\n`, `${JSON.stringify(COMMAND)}\n${JSON.stringify([1, { a: null }])}\n`], ['\n', '\n\n', '{', '}', '"', '[', ']', 'null', '1', '\0', ',', '[['], draw), draw),
  feed: (pieces) => {
    const socket = new Socket()
    const received: unknown[] = []
    onJsonLines(socket, (message) => {
      must(!socket.destroyed, 'a line was received after the connection had ended')
      received.push(message)
      if (message === null || typeof message !== 'object') socket.destroy()
    })
    for (const piece of pieces) if (!socket.destroyed) socket.emit('data', piece)
    const whole = pieces.join('').split('\n').slice(0, -1)
    const good = whole.findIndex((text) => !isJson(text))
    must(received.length <= (good < 0 ? whole.length : good), 'more messages than lines')
    socket.destroy()
  },
})

/** Thrown by the reader of frames: the connection is then closed. */
class BadFrame extends Error {
  override readonly name = 'BadFrame'
}

const CHECK = { id: 3, check: { kind: 'equivalence', domain: 'verilog', reference: 'module a; endmodule', candidate: 'module a; endmodule', boundedPass: 0, initialState: 'any' } }

const frames = surface({
  name: 'checker-frames',
  from: 'a user',
  signals: [BadFrame],
  make: (draw) => cut(draw.chance(0.5) ? foreignBytes(encodeFrame(CHECK), draw) : Uint8Array.from(encodeFrame(foreignValue(CHECK, draw) ?? null)), draw),
  feed: (pieces) => {
    const reader = new FrameReader()
    let messages: unknown[]
    try {
      messages = pieces.flatMap((piece) => reader.push(Buffer.from(piece)))
    } catch (error) {
      if (error instanceof SyntaxError || (error instanceof Error && error.message.startsWith('a frame of'))) throw new BadFrame(error.message)
      throw error
    }
    if (!messages.every((message) => clientMessageSchema.safeParse(message).success)) throw new BadFrame('not of its form')
  },
})

const GENERATE = {
  specification: 'Write module a.', domain: 'verilog', reference: 'module a; endmodule', testbench: 'module tb; a u(); endmodule', verify: true, samples: 2, temperature: 0.5, topK: 5, topP: 0.9, seed: 7, maximumTokens: 64, draft: 'none', adapter: 'base',
}

const generate = surface({
  name: 'generate-request',
  from: 'a user',
  make: (draw) => foreignValue(GENERATE, draw),
  feed: (value) => {
    const request = parseConfig(generateSchema, value, 'the request')
    must(request.specification.length <= 20_000 && (request.samples ?? 1) <= 64 && request.maximumTokens <= 65_536, 'a request above its limits')
    must(parseConfig(z.object({ seed: z.int() }), request, 'the seed').seed === request.seed, 'a seed that is no number')
  },
})

const CHAT = { turns: [{ role: 'user', content: 'Write module a.' }, { role: 'assistant', content: 'module a; endmodule' }, { role: 'user', content: 'Now b.' }], maximumTokens: 64, draft: 'none', adapter: 'base' }

const chat = surface({
  name: 'chat-request',
  from: 'a user',
  make: (draw) => foreignValue(CHAT, draw),
  feed: (value) => {
    const { turns, maximumTokens } = parseConfig(chatSchema, value, 'the request')
    must(turns.length > 0 && turns.length <= 4096, 'a conversation above its limits')
    const encode = (kept: readonly unknown[]): number[] => kept.map(() => 1)
    const { prompt, dropped } = fitTurns(turns, { context: 2, maximumTokens, encode })
    must(prompt.length + dropped === turns.length && prompt.length > 0, 'turns that were lost')
  },
})

/** Turns are taken whatever they hold, and no more of them than lines. */
const typed = surface({
  name: 'chat-lines',
  from: 'a user',
  make: (draw) => foreignText(['Write module a.\n/verify\n', 'one \\\ntwo\n/save a.v\n'], ['\\', '\n', '/', '/model ', ' ', '\0'], draw),
  feed: (text) => {
    const reader = new TurnReader()
    const given = text.split('\n')
    const turns = [...given.map((line) => reader.push(line)), reader.end()].filter((turn) => turn !== undefined)
    must(turns.length <= given.length && turns.every((turn) => turn.trim() !== ''), 'a turn of nothing')
    for (const turn of turns) must(/^\w+$/.test(commandIn(turn)?.name ?? 'none'), 'a command that is no word')
  },
})

export const controlSurfaces: readonly Surface[] = [lines, frames, generate, chat, typed]

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
