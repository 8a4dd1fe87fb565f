import type { RoundNews } from '../daemon/history.js'
import { percentText } from '../terminal/numbers.js'
import { outcomeText } from '../terminal/outcomes.js'
import { table } from '../terminal/table.js'
import { shortPeer } from './output.js'

/** A finished round for people. */
export function roundLines(news: RoundNews, self: string, mine: boolean): string[] {
  const { round, cluster, record, head, term, signers, voters, provisional, contributions, isRollCall, members } = news
  const shown = mine ? contributions.filter(({ peer }) => peer === self) : contributions
  const title = `Round ${round} of ${cluster}: record ${record.slice(0, 12)}${provisional ? ' (provisional)' : ''}, signed by ${signers} of ${voters}, head ${shortPeer(head)}${term === 0 ? '' : `, ${term} ${term === 1 ? 'term' : 'terms'} failed`}`
  const split = splitLines(news)
  if (isRollCall) return [title, ...split, `  A roll call: the roster has ${members.length} members now, and the training goes on.`, '']
  if (shown.length === 0) return [title, ...split, mine ? '  This node sent no delta.' : '  No delta counted.', '']
  const rows = shown.map((one) => [
    `${shortPeer(one.peer)}${one.peer === self ? ' (this node)' : ''}`, percentText(one.weight, 1), one.score === undefined ? 'not audited' : one.score.toFixed(3), one.tokens, outcomeText(one),
  ])
  return [title, ...split, ...table(['delta of', 'weight', 'audit', 'tokens', 'outcome'], rows).map((line) => `  ${line}`), '']
}

/** Why a cluster is another from this round on. */
function splitLines({ cluster, members, split }: RoundNews): string[] {
  if (split === undefined) return []
  const { other, isOtherNew, members: others } = split
  const [stays, staying, born, going] = isOtherNew ? [cluster, members, other, others] : [other, others, cluster, members]
  return [`  The cluster had more members than the policy allows and has split: ${staying.length} go on in ${stays}, ${going.length} in the new ${born}. This node goes on in ${cluster}.`]
}
