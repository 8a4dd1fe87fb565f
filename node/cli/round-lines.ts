import type { RoundNews } from '../daemon/history.js'
import { percentText } from '../terminal/numbers.js'
import { outcomeText } from '../terminal/outcomes.js'
import { table } from '../terminal/table.js'
import { shortPeer } from './output.js'

/** A finished round for people. */
export function roundLines(news: RoundNews, self: string, mine: boolean): string[] {
  const { round, cluster, record, head, term, signers, voters, provisional, contributions } = news
  const shown = mine ? contributions.filter(({ peer }) => peer === self) : contributions
  const title = `Round ${round} of ${cluster}: record ${record.slice(0, 12)}${provisional ? ' (provisional)' : ''}, signed by ${signers} of ${voters}, head ${shortPeer(head)}${term === 0 ? '' : `, ${term} ${term === 1 ? 'term' : 'terms'} failed`}`
  if (shown.length === 0) return [title, mine ? '  This node sent no delta.' : '  No delta counted.', '']
  const rows = shown.map((one) => [
    `${shortPeer(one.peer)}${one.peer === self ? ' (this node)' : ''}`, percentText(one.weight, 1), one.score === undefined ? 'not audited' : one.score.toFixed(3), one.tokens, outcomeText(one),
  ])
  return [title, ...table(['delta of', 'weight', 'audit', 'tokens', 'outcome'], rows).map((line) => `  ${line}`), '']
}
