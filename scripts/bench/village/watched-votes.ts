import type { Transport } from '../../../src/network/index.js'
import { decodeCarried, openMessage, unframe } from '../../../src/rounds/index.js'
import type { Reading } from '../../../src/rounds/index.js'

import { through } from '../../sim/adversaries.js'
import type { News } from './news.js'

/** Tells of a peer's own precommits, and has it fall before its proposal leaves. */
export class WatchedVotes {
  isToFall = false
  private lastLock = ''
  private proposed = 0

  constructor(private readonly reading: Reading, private readonly tell: (news: News) => void) {}

  between(inner: Transport): Transport {
    return {
      ...through(inner),
      publish: (topic, message) => {
        const { kind, body } = unframe(message)
        if (kind === 'votes') this.lookForLock(inner.self, body)
        if (kind === 'proposal') {
          const { payload: { level, round, term } } = openMessage(body, 'proposal', this.reading)
          // A proposal is repeated: once it has left, the others can go on with it.
          if (this.isToFall && level === 0 && term === 0 && this.proposed !== round) return fall(round)
          if (level === 0) this.proposed = round
        }
        return inner.publish(topic, message)
      },
    }
  }

  private lookForLock(self: string, body: Uint8Array): void {
    const { round, votes } = decodeCarried(body, 'votes')
    const lock = votes.find(({ voter, step, value }) => voter === self && step === 'precommit' && value !== null)
    if (lock === undefined || this.lastLock === `${round} ${lock.term}`) return
    this.lastLock = `${round} ${lock.term}`
    this.tell({ kind: 'locked', at: Date.now(), round, term: lock.term })
  }
}

function fall(round: number): Promise<number> {
  const news: News = { kind: 'falling', at: Date.now(), round }
  process.send?.(news, () => process.kill(process.pid, 'SIGKILL'))
  // Never sent: the process ends before.
  return new Promise(() => undefined)
}
