import type { Draw } from './draw.js'

/** Who may send what a surface takes. */
export type Origin = 'a peer' | 'the disk' | 'a user'

/** One input on its way to the code under test. */
export interface Trial {
  /** Returns where the input is taken and all that must hold then holds; else throws. */
  readonly feed: () => unknown
  /** The input, short, for a person. */
  readonly shown: () => string
}

/** A place where bytes or values come in that nobody vouches for. */
export interface Surface {
  readonly name: string
  readonly from: Origin
  /** Classes of errors without a code that the surface's callers know and handle. */
  readonly signals: readonly (new (...given: never[]) => Error)[]
  /** Bytes that one case may add to memory. */
  readonly maximumBytes: number
  readonly trial: (draw: Draw) => Trial
  /** Removes what the cases left on disk. */
  readonly end?: () => Promise<void>
}

interface Definition<Input> {
  readonly name: string
  readonly from: Origin
  readonly signals?: Surface['signals']
  /** Default: 64 MiB. */
  readonly maximumBytes?: number
  readonly make: (draw: Draw) => Input
  readonly feed: (input: Input) => unknown
  readonly end?: () => Promise<void>
}

export function surface<Input>({ name, from, signals = [], maximumBytes = 64 << 20, make, feed, end }: Definition<Input>): Surface {
  return {
    name, from, signals, maximumBytes,
    trial: (draw) => {
      const input = make(draw)
      return { feed: () => feed(input), shown: () => shown(input) }
    },
    ...end === undefined ? {} : { end },
  }
}

/** An input was taken that breaks what must hold for all that are. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant'
}

/** @throws BrokenInvariant */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new BrokenInvariant(what)
}

/** @throws BrokenInvariant */
export function mustBeSame(again: Uint8Array, bytes: Uint8Array): void {
  must(Buffer.compare(again, bytes) === 0, 'what was taken is written otherwise than it came')
}

const SHOWN_CHARACTERS = 300

function shown(input: unknown): string {
  const text = input instanceof Uint8Array ? `hex ${Buffer.from(input.subarray(0, SHOWN_CHARACTERS)).toString('hex')}` : textOf(input)
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}... (${text.length} characters)` : text
}

function textOf(input: unknown): string {
  try {
    return JSON.stringify(input, (_, value: unknown) => value instanceof Uint8Array ? `hex ${Buffer.from(value.subarray(0, SHOWN_CHARACTERS)).toString('hex')}` : value)
  } catch {
    return 'a value that is too deep to show'
  }
}
