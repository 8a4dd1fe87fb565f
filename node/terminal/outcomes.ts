import type { Contribution } from '../../src/rounds/index.js'

/** What a record's reason means, in words. */
const REASONS: Readonly<Record<Contribution['reason'], string>> = {
  '': '',
  SCORE: 'audits show it below the others',
  EMPTY: 'it changes nothing',
  TOKENS: 'no tokens were trained on',
  REPUTATION: 'its sender has no reputation left',
  WEIGHT: 'its weight rounds to nothing',
  BINDING: 'it is not its sender\'s own',
  DUPLICATE: 'its sender has announced two',
  UNDECODABLE: 'its bytes are no delta',
  PARENT: 'it was trained from another adapter',
  SETTLED: 'it has been settled before',
  SIZE: 'its size is wrong',
  ROLLBACK: 'trained from what the owners have rolled back',
  REUNION: 'it is no proper change of another chain',
}

/** For instance `counted`, `late by 1 round`, `refused: audits show it below the others`. */
export function outcomeText({ outcome, reason, staleness }: Pick<Contribution, 'outcome' | 'reason' | 'staleness'>): string {
  const why = REASONS[reason]
  switch (outcome) {
    case 'counted': return 'counted'
    case 'late': return `late by ${staleness} ${staleness === 1 ? 'round' : 'rounds'}`
    case 'refused': return why === '' ? 'refused' : `refused: ${why}`
    case 'missing': return 'bytes missing'
    case 'expired': return 'too late'
  }
}
