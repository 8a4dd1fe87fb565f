import type { Clock } from '../telemetry/index.js'

import { CHUNK_BYTES } from './constants.js'
import { TransportError } from './errors.js'
import type { MemoryLinks } from './memory-links.js'
import type { ContentId, PeerId, PullOptions } from './transport.js'

/** Pulls content between peers in memory as the real protocol does: one holder after the other, in chunks, going on where the last one stopped. */
export async function pullFromMemory(
  links: MemoryLinks,
  self: PeerId,
  id: ContentId,
  holders: readonly PeerId[],
  { maximumBytes, signal }: PullOptions,
  life: AbortSignal,
): Promise<Uint8Array> {
  const signals = signal === undefined ? [waitersOf(life)] : [waitersOf(life), waitersOf(signal)]
  const failures: string[] = []
  const progress = { offset: 0 }
  for (const holder of holders) {
    refuseAborted(id, signals)
    const got = await pullFrom(links, self, id, holder, maximumBytes, progress, signals)
    if (got instanceof Uint8Array) return got
    failures.push(`${holder}: ${got}`)
  }
  refuseAborted(id, signals)
  throw new TransportError('CONTENT_UNAVAILABLE', `none of ${holders.length} holders delivered ${id.slice(0, 12)} (${failures.join('; ')}): ask more peers, or again later`)
}

/** Returns the content, or why this holder did not deliver it. */
async function pullFrom(
  links: MemoryLinks,
  self: PeerId,
  id: ContentId,
  holder: PeerId,
  maximumBytes: number,
  progress: { offset: number },
  signals: readonly Waiters[],
): Promise<Uint8Array | string> {
  const peer = links.live(holder)
  const reachable = (): boolean => links.live(holder) === peer && links.connected(self, holder)
  const silent = async (): Promise<string> => {
    await sleep(links.clock, links.silenceMs, id, signals)
    return `silent for ${links.silenceMs} ms`
  }
  if (peer === undefined || !reachable()) return silent()
  await sleep(links.clock, links.delay(self, holder) + links.delay(holder, self), id, signals)
  if (!reachable()) return silent()
  const served = peer.serves(id, self)
  // Only what is loaded takes a turn more.
  const content = served instanceof Promise ? await served : served
  if (content === undefined) return 'does not hold it'
  if (content.length > maximumBytes) {
    throw new TransportError('CONTENT_TOO_LARGE', `${id.slice(0, 12)} has ${content.length} bytes, above the limit of ${maximumBytes}: refuse whoever announced it`)
  }
  while (progress.offset < content.length) {
    const chunk = Math.min(CHUNK_BYTES, content.length - progress.offset)
    if (Number.isFinite(links.bandwidth)) await sleep(links.clock, chunk / links.bandwidth * 1000, id, signals)
    if (!reachable()) return silent()
    // What was withdrawn meanwhile goes on; a peer that is refused meanwhile gets no more.
    if (peer.refuses(self)) return 'refused to go on'
    links.trafficOf(holder).bytesSent += chunk
    links.trafficOf(self).bytesReceived += chunk
    progress.offset += chunk
  }
  return links.isShared ? content : content.slice()
}

function refuseAborted(id: ContentId, signals: readonly Waiters[]): void {
  if (signals.some(({ isOver }) => isOver)) throw new TransportError('ABORTED', `the pull of ${id.slice(0, 12)} was aborted`)
}

/** Waits that a signal ends, all by one listener: a peer has many pulls under way at once, and listeners cost more than all else in them. */
class Waiters {
  isOver: boolean
  private readonly stops = new Set<() => void>()

  constructor(signal: AbortSignal) {
    this.isOver = signal.aborted
    if (this.isOver) return
    signal.addEventListener('abort', () => {
      this.isOver = true
      const stops = [...this.stops]
      this.stops.clear()
      for (const stop of stops) stop()
    }, { once: true })
  }

  add(stop: () => void): void { this.stops.add(stop) }

  delete(stop: () => void): void { this.stops.delete(stop) }
}

const known = new WeakMap<AbortSignal, Waiters>()

function waitersOf(signal: AbortSignal): Waiters {
  let waiters = known.get(signal)
  if (waiters === undefined) {
    waiters = new Waiters(signal)
    known.set(signal, waiters)
  }
  return waiters
}

function sleep(clock: Clock, milliseconds: number, id: ContentId, signals: readonly Waiters[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const ignore = (): void => { for (const signal of signals) signal.delete(stop) }
    const stop = (): void => {
      cancel()
      ignore()
      reject(new TransportError('ABORTED', `the pull of ${id.slice(0, 12)} was aborted`))
    }
    const cancel = clock.after(milliseconds, () => {
      ignore()
      resolve()
    })
    if (signals.some(({ isOver }) => isOver)) stop()
    else for (const signal of signals) signal.add(stop)
  })
}
