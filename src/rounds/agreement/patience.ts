import type { Agreement } from './agreement.js'
import type { Waiting } from './types.js'

/**
 * How many times as long again a voter waits for a proposal that it is still checking. Where many processes share a machine or a slow line, all would else give each
 * term's proposal up just before they know it, and check another one in the next. Not without end: what a proposer withholds is never checked.
 */
const EXTENSIONS = 2

/**
 * Waits for a step of an agreement to end by itself.
 *
 * @param wait - runs a function after a term's time for the step
 * @param giveUp - called where the step has not ended in that time
 */
export function waitForStep(agreement: Agreement, waiting: Waiting, term: number, wait: (run: () => void) => void, giveUp: () => void): void {
  const again = (extensions: number): void => wait(() => {
    if (waiting === 'propose' && extensions > 0 && agreement.isChecking(term)) again(extensions - 1)
    else giveUp()
  })
  again(EXTENSIONS)
}
