import { adapterLayout, BatchDecodeSession, commonLength, type BaseModel } from '../../model/index.js'
import type { DistilOptions, DistilText } from './options.js'
import { firstPlace, type Places } from './places.js'

/** What the model says of some texts. */
export interface Reading {
  /** For each text its most likely next token after each of its tokens, from its first place on. */
  readonly next: readonly Int32Array[]
  /** [places, hiddenSize] */
  readonly hidden: Float32Array
}

/**
 * Lets the model read texts as it is served.
 *
 * @param places - in the order of the texts
 * @param step - is called before each run with the number of tokens read; what it throws ends the reading
 * @throws ModelError as the session does
 */
export async function readTexts(base: BaseModel, { adapter, quantization, threads, maximumLength }: DistilOptions, texts: readonly DistilText[], places: Places, step: (tokens: number) => void): Promise<Reading> {
  const { hiddenSize } = base.config
  const merged = adapter === undefined ? {} : { layout: adapterLayout(base.config, adapter.settings), adapter: adapter.values }
  const session = await BatchDecodeSession.create(base, { quantization, threads, maximumLength, maximumTexts: 1, ...merged })
  try {
    const text = session.open()
    const hidden = new Float32Array(places.positions.length * hiddenSize)
    const next: Int32Array[] = []
    let place = 0
    let read = 0
    for (const [i, each] of texts.entries()) {
      const { tokens } = each
      const first = firstPlace(each)
      // A text often begins as the one before it.
      session.truncate(text, Math.min(first, commonLength(tokens, texts[i - 1]?.tokens ?? [])))
      while (session.length(text) < first) {
        step(read)
        const at = session.length(text)
        await session.read({ text, ids: tokens.slice(at, Math.min(first, at + session.room(text))) })
      }
      const said = new Int32Array(tokens.length - first)
      while (session.length(text) < tokens.length) {
        step(read + session.length(text))
        const at = session.length(text)
        const part = await session.forwardDescribed({ text, ids: tokens.slice(at, at + session.room(text)) }, 'next')
        said.set(part.predictions, at - first)
        for (; places.texts[place] === i && places.positions[place]! < session.length(text); place++) {
          const from = places.positions[place]! - at
          hidden.set(part.hidden.subarray(from * hiddenSize, (from + 1) * hiddenSize), place * hiddenSize)
        }
      }
      next.push(said)
      read += tokens.length
    }
    return { next, hidden }
  } finally {
    await session.release()
  }
}
