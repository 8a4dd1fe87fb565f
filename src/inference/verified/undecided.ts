import type { Verdict } from '../../quality/index.js'

/** A check that has taken so long and says nothing has run out of its time, milliseconds. */
const LONG = 4000
/** Designs in a row about which that happens before it is taken for the fault of what they are compared with. */
const AT_MOST = 2

/**
 * Tells when checks cannot decide, whatever is written: the reference is too large to be compared with, or the testbench hangs. One design alone may be to blame for
 * that itself.
 */
export class Undecided {
  private inARow = 0

  /** @returns whether further designs are for nothing */
  note({ outcome, milliseconds }: Verdict): boolean {
    if (outcome !== 'unknown') this.inARow = 0
    else if (milliseconds >= LONG) this.inARow++
    return this.inARow >= AT_MOST
  }
}
