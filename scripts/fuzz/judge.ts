import { documentedCode, isRuntimeError } from './error-codes.js'
import { BrokenInvariant } from './surface.js'
import type { Surface, Trial } from './surface.js'

/** Processor time that one case may take, milliseconds: real messages take less than one. */
export const MAXIMUM_MS = 2000

export interface Verdict {
  readonly outcome: 'accepted' | 'refused' | 'finding'
  /** The code of what was refused, or what is wrong. */
  readonly what: string
  /** Processor time, milliseconds. */
  readonly ms: number
}

/** Feeds one input to its surface: it must be taken, or be refused with a code, in bounded time and memory. */
export async function judge({ signals, maximumBytes }: Surface, trial: Trial): Promise<Verdict> {
  const memory = memoryInUse()
  const start = process.cpuUsage()
  let ended: Omit<Verdict, 'ms'>
  try {
    await trial.feed()
    ended = { outcome: 'accepted', what: '' }
  } catch (error) {
    ended = refusal(error, signals)
  }
  const { user, system } = process.cpuUsage(start)
  const ms = (user + system) / 1000
  const grown = memoryInUse() - memory
  if (ended.outcome === 'finding') return { ...ended, ms }
  if (ms > MAXIMUM_MS) return { outcome: 'finding', what: `took ${Math.round(ms)} ms of processor time, more than ${MAXIMUM_MS}`, ms }
  if (grown > maximumBytes) return { outcome: 'finding', what: `took ${Math.round(grown / 2 ** 20)} MiB of memory, more than ${maximumBytes >> 20}`, ms }
  return { ...ended, ms }
}

function refusal(error: unknown, signals: Surface['signals']): Omit<Verdict, 'ms'> {
  if (error instanceof BrokenInvariant) return { outcome: 'finding', what: error.message }
  const signal = signals.find((known) => error instanceof known)
  const code = signal?.name ?? documentedCode(error)
  if (code === undefined || isRuntimeError(error)) return { outcome: 'finding', what: `threw ${described(error)}` }
  return { outcome: 'refused', what: code }
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const places = (error.stack ?? '').split('\n').filter((line) => line.includes('/dist/')).slice(0, 3).map((line) => line.trim().replace(/\(?file:.*\/dist\//, '').replace(/\)$/, ''))
  const cause = error.cause instanceof Error ? `; cause: ${error.cause.message.slice(0, 150)}` : ''
  return `${error.name}: ${error.message.slice(0, 200).replaceAll('\n', ' ')}${cause} ${places.join(', ')}`
}

function memoryInUse(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
