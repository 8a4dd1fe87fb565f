import { createHash } from 'node:crypto'

import type { PackedBatch } from '../model/index.js'
import { packedLength } from './example.js'
import type { EncodedExample } from './example.js'
import { packRows } from './packing.js'
import { Sampler } from './sampler.js'
import type { SamplerState } from './sampler.js'

/** Examples are drawn for this many times a batch's room, so that the packer has some to choose from; what it leaves comes first next time. */
const LOOK_AHEAD = 1.5

export interface BatchShape {
  readonly rows: number
  /** Tokens a row. */
  readonly rowLength: number
}

export interface DrawnBatch {
  readonly batch: PackedBatch
  /** Labels that count. */
  readonly completionTokens: number
  readonly ownExamples: number
  readonly replayExamples: number
}

/** Where a source stands; restored only onto the same examples. */
export interface BatchSourceState {
  /** A hash of all examples. */
  readonly examples: string
  readonly own: SamplerState
  readonly replay: SamplerState
  readonly drawn: number
  readonly drawnReplay: number
  /** Examples that were drawn and not yet packed: places in the list of own examples followed by the public ones. */
  readonly waiting: readonly number[]
}

/**
 * Batches of a peer's own examples mixed with public ones, so that what the base knows is not forgotten.
 */
export class BatchSource {
  readonly #examples: readonly EncodedExample[]
  readonly #fingerprint: string
  readonly #own: Sampler
  readonly #replay: Sampler | undefined
  #drawn = 0
  #drawnReplay = 0
  #waiting: number[] = []

  /**
   * @param own - 1 or more
   * @param replay - public examples; may be empty
   * @param replayShare - share of public examples, in [0, 1)
   */
  constructor(own: readonly EncodedExample[], replay: readonly EncodedExample[], private readonly replayShare: number, private readonly shape: BatchShape, seed: number) {
    this.#examples = [...own, ...replay]
    this.#fingerprint = fingerprint(own, replay)
    this.ownCount = own.length
    this.#own = new Sampler(own.length, 2 * seed)
    this.#replay = replay.length > 0 && replayShare > 0 ? new Sampler(replay.length, 2 * seed + 1) : undefined
  }

  private readonly ownCount: number

  next(): DrawnBatch {
    const { rows, rowLength } = this.shape
    const priority = this.#waiting.length
    const indices = [...this.#waiting]
    let length = indices.reduce((sum, index) => sum + packedLength(this.#examples[index]!), 0)
    while (length < rows * rowLength * LOOK_AHEAD) {
      const index = this.#draw()
      indices.push(index)
      length += packedLength(this.#examples[index]!)
    }
    const { batch, placements, left } = packRows(indices.map((index) => this.#examples[index]!), rows, rowLength, priority)
    this.#waiting = left.map((place) => indices[place]!)
    const ownExamples = placements.filter(({ index }) => indices[index]! < this.ownCount).length
    return {
      batch,
      completionTokens: placements.reduce((sum, { completionStart, end }) => sum + end - completionStart, 0),
      ownExamples,
      replayExamples: placements.length - ownExamples,
    }
  }

  state(): BatchSourceState {
    return {
      examples: this.#fingerprint,
      own: this.#own.state(),
      replay: this.#replay?.state() ?? { epoch: 0, drawn: 0 },
      drawn: this.#drawn,
      drawnReplay: this.#drawnReplay,
      waiting: [...this.#waiting],
    }
  }

  /** Goes on from a state; with other examples than those of the state it starts anew instead. */
  restore(state: BatchSourceState): void {
    if (state.examples !== this.#fingerprint || state.waiting.some((index) => index >= this.#examples.length)) return
    this.#own.restore(state.own)
    this.#replay?.restore(state.replay)
    this.#drawn = state.drawn
    this.#drawnReplay = state.drawnReplay
    this.#waiting = [...state.waiting]
  }

  /** Public examples are spread evenly among one's own rather than drawn by chance: small batches must not go without. */
  #draw(): number {
    this.#drawn++
    if (this.#replay === undefined || this.#drawnReplay + 1 > this.replayShare * this.#drawn) return this.#own.next()
    this.#drawnReplay++
    return this.ownCount + this.#replay.next()
  }
}

function fingerprint(own: readonly EncodedExample[], replay: readonly EncodedExample[]): string {
  const hash = createHash('sha256').update(`${own.length} ${replay.length}`)
  for (const { prompt, completion } of [...own, ...replay]) {
    for (const ids of [prompt, completion]) hash.update(` ${ids.length} `).update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))
  }
  return hash.digest('hex')
}
