import type { Socket } from 'node:net'

import type { Random } from '../../../src/telemetry/index.js'

import type { Conditions } from './conditions.js'

/** Bytes under way beyond which the sender is held up, as by a full window of TCP. */
const WINDOW_BYTES = 64 * 1024

interface Piece { readonly bytes: Buffer | 'end' | 'close', dueAt: number }

/** One direction of a connection: what comes out of one socket goes into another, in order, as the conditions of the moment let it. */
export class Flow {
  private readonly waiting: Piece[] = []
  private waitingBytes = 0
  private freeAt = 0
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly from: Socket, private readonly to: Socket, private readonly conditions: () => Conditions, private readonly random: Random) {
    from.on('data', (bytes) => this.take(bytes))
    from.on('end', () => this.push('end', performance.now()))
    from.on('close', () => this.push('close', performance.now()))
    // The close that follows says all.
    from.on('error', () => undefined)
    to.on('drain', () => this.send())
  }

  /** The conditions are others now: what waits does so no longer than they ask for. */
  changed(): void {
    const { latencyMs, bytesPerSecond } = this.conditions()
    if (latencyMs === 0 && bytesPerSecond === Infinity) for (const piece of this.waiting) piece.dueAt = 0
    this.send()
  }

  private take(bytes: Buffer): void {
    const { latencyMs, bytesPerSecond, corruptShare } = this.conditions()
    if (corruptShare > 0 && this.random() < corruptShare) {
      const at = Math.floor(this.random() * bytes.length)
      bytes[at] = bytes[at]! ^ (1 + Math.floor(this.random() * 255))
    }
    this.freeAt = Math.max(this.freeAt, performance.now()) + bytes.length / bytesPerSecond * 1000
    this.waitingBytes += bytes.length
    if (this.waitingBytes > WINDOW_BYTES) this.from.pause()
    this.push(bytes, this.freeAt + latencyMs)
  }

  private push(bytes: Piece['bytes'], dueAt: number): void {
    this.waiting.push({ bytes, dueAt })
    this.send()
  }

  private send(): void {
    clearTimeout(this.timer)
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      if (this.conditions().isSilent) return
      const { bytes, dueAt } = first
      const wait = dueAt - performance.now()
      if (wait > 0) {
        this.timer = setTimeout(() => this.send(), Math.ceil(wait))
        return
      }
      if (bytes !== 'close' && this.to.writableNeedDrain) return
      this.waiting.shift()
      this.pass(bytes)
    }
  }

  private pass(bytes: Piece['bytes']): void {
    if (bytes === 'close') {
      // After what it was still given to send.
      this.to.destroySoon()
      return
    }
    if (bytes === 'end') {
      this.to.end()
      return
    }
    this.waitingBytes -= bytes.length
    if (this.waitingBytes <= WINDOW_BYTES) this.from.resume()
    if (this.to.writable) this.to.write(bytes)
  }
}
