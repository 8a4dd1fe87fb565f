import type { RoundEvents } from '../../src/rounds/index.js'
import type { Progress } from '../../src/training/index.js'

import type { PersonalProgress } from './personal-measures.js'

/** What a node is busy with. */
export type Stage = 'opening' | 'scanning designs' | 'loading the model' | 'connecting' | 'in rounds' | 'rounds finished' | 'serving' | 'stopping'

/** What a node tells beside the protocol's own events. */
export interface NodeEvents {
  'stage:changed': { readonly stage: Stage }
  'training:step': Pick<Progress, 'campaignRound' | 'step' | 'steps' | 'loss' | 'tokens'>
  'personal:progress': PersonalProgress
  'personal:chosen': {
    readonly chosen: string
    /** After which round; 0 where that is not known. */
    readonly round: number
    /** Milliseconds since 1970; 0 where that is not known. */
    readonly time: number
    readonly scores: readonly { readonly name: string, readonly exact: number, readonly loss: number, readonly passed?: number, readonly own?: number }[]
  }
  'rounds:finished': { readonly round: number }
}

export type AllEvents = NodeEvents & RoundEvents

/** An event as it goes to whoever watches a node. */
export interface WatchedEvent<Name extends keyof AllEvents = keyof AllEvents> {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly name: Name
  readonly event: AllEvents[Name]
}

/** An event without what is large or cannot be written as JSON. */
export function forWatching(event: unknown): unknown {
  if (event instanceof Error) return { message: event.message, ...'code' in event ? { code: event.code } : {} }
  if (event instanceof Float32Array || event instanceof Uint8Array) return undefined
  if (event instanceof Map) return Object.fromEntries(event)
  if (Array.isArray(event)) return event.map(forWatching)
  if (typeof event !== 'object' || event === null) return event
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, forWatching(value)]))
}
