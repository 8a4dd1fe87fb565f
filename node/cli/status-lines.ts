import type { BootstrapState, ReachState } from '../../src/network/index.js'

import type { NodeStatus } from '../daemon/status.js'
import type { MetricStatus } from '../daemon/user-metrics.js'
import { bytesText, durationText, percentText } from '../terminal/numbers.js'
import { outcomeText } from '../terminal/outcomes.js'
import { table } from '../terminal/table.js'
import { shortPeer } from './output.js'

/** A node's status for people. */
export function statusLines(status: NodeStatus): string[] {
  const { network, peer, stage, domain, connected, refused, designs, rounds, training, personal, metrics, traffic, adapters } = status
  const lines = [
    `Node ${peer}`,
    `  network    ${network.name} (${network.id.slice(0, 12)}), ${policyText(status)}`,
    `  stage      ${stage}, up ${durationText(status.uptimeSeconds * 1000)}, process ${status.processId}`,
    `  domain     ${domain}${designs ? `, ${designs.training} designs to train on and ${designs.validation} to choose by` : ''}`,
    `  connected  ${connectedText(connected)}`,
    `  reached    ${reachText(status.reachability)}`,
    ...status.bootstraps.map((bootstrap, at) => `  ${at === 0 ? 'bootstraps' : '          '} ${bootstrapText(bootstrap)}`),
    ...status.addresses.length === 0 ? ['  addresses  none: this node only dials others'] : [],
    ...status.addresses.map((address, at) => `  ${at === 0 ? 'addresses ' : '          '} ${address}`),
    `  traffic    ${bytesText(traffic.bytesSent)} sent, ${bytesText(traffic.bytesReceived)} received; a delta takes ${bytesText(traffic.deltaBytes)} instead of ${bytesText(traffic.f32Bytes)}`,
    `  models     ${adapters.join(', ')}`,
    `  API        ${apiText(status.api)}`,
  ]
  for (const { peer: other, reason } of refused.slice(-3)) lines.push(`  refused    ${shortPeer(other)}: ${reason}`)
  if (training) lines.push(`  trained    training ${training.training}: loss ${training.lossFirst.toFixed(3)} to ${training.lossLast.toFixed(3)} on ${training.tokens} tokens`)
  if (personal) lines.push(`  personal   ${personalText(personal)}`)
  for (const metric of metrics) lines.push(`  metric     ${metricText(metric)}`)
  if (!rounds) return lines

  const delta = new Map(rounds.contributions.map((one) => [one.peer, one]))
  lines.push('', `Cluster ${rounds.cluster} (${rounds.domain}), round ${rounds.round}, ${rounds.phase}${rounds.provisional ? ', provisional' : ''}; the last record says`)
  const [from] = rounds.splitFrom.slice(-1)
  if (from !== undefined) lines.push(`  (split off from ${from}, which had more members than the policy's clusterMaximum)`)
  // In an open network nobody says whose a peer is.
  const isOwned = rounds.members.some(({ organisation }) => organisation !== '')
  lines.push(...table(
    ['peer', ...isOwned ? ['of'] : [], 'here', 'head', 'reputation', 'delta', 'weight', 'audit'],
    rounds.members.map((member) => {
      const one = delta.get(member.peer)
      return [
        `${shortPeer(member.peer)}${member.peer === peer ? ' (this node)' : ''}`,
        ...isOwned ? [member.organisation === '' ? '-' : member.organisation] : [],
        member.live || member.peer === peer ? 'yes' : 'no',
        member.peer === rounds.head ? 'head' : '',
        percentText(member.reputation),
        one ? outcomeText(one) : '-',
        one ? percentText(one.weight) : '-',
        one?.score === undefined ? '-' : one.score.toFixed(3),
      ]
    }),
  ).map((line) => `  ${line}`))
  if (rounds.levels.length > 0) lines.push('')
  for (const { level, cluster, round, head, takesPart, dormant } of rounds.levels) {
    lines.push(`Level ${level}, ${cluster}: round ${round}, head ${head ?? '-'}${takesPart ? '' : ', followed'}`)
    if (dormant.length > 0) lines.push(`  (silent for the last rounds, and so without a vote: ${dormant.join(', ')})`)
  }
  return lines
}

/** For instance `policy 3`, or what rounds still go by while others lack the newest one. */
function policyText({ network, rounds }: NodeStatus): string {
  const inForce = rounds?.policy.inForce ?? network.policy
  if (inForce < network.policy) return `policy ${network.policy}; rounds go by policy ${inForce} until a quorum has the newer one`
  if (inForce > network.policy) return `policy ${network.policy}; rounds go by policy ${inForce} already: get the newest file and run \`meshwright network update\``
  return `policy ${network.policy}`
}

/** For instance `network, trained further, best of 9 on own validation designs; refreshed 42 s ago, after round 14`. */
export function personalText({ chosen, scores, round, time }: NonNullable<NodeStatus['personal']>, now = Date.now()): string {
  const when = time === 0 ? '' : `; refreshed ${durationText(Math.max(0, now - time))} ago${round === 0 ? '' : `, after round ${round}`}`
  return `${chosen}, best of ${scores.length} on own validation designs${when}`
}

function connectedText(connected: NodeStatus['connected']): string {
  if (connected.length === 0) return 'to nobody yet; it goes on trying in the background'
  const relayed = connected.filter((peer) => peer.relayed).length
  return `to ${connected.length} ${connected.length === 1 ? 'peer' : 'peers'}${relayed === 0 ? '' : `, ${relayed} of them through a relay`}`
}

function apiText({ url, problem }: NodeStatus['api']): string {
  if (url !== undefined) return url
  return problem === undefined ? 'off (api.enabled in the settings)' : `not served: ${problem}`
}

/** Whether others can connect to a node, in words. */
export function reachText({ reach, relay }: ReachState): string {
  if (relay !== undefined) return `through the relay ${shortPeer(relay)}; nobody can connect to it directly`
  switch (reach) {
    case 'public': return 'directly'
    case 'private': return 'by nobody: it connects to others, and others cannot connect to it'
    case 'unknown': return 'not known yet: nobody has tried to connect'
  }
}

/** For instance `...3kfA2b: not connected, no answer; next try in 12 s`. */
export function bootstrapText({ peer, connectedSince, lastError, nextTryAt, roundTripMs, relayProblem }: BootstrapState, now = Date.now()): string {
  const relay = relayProblem === undefined ? '' : `; no relay for this node: ${relayProblem}`
  if (connectedSince !== undefined) return `${shortPeer(peer)}: connected for ${durationText(Math.max(0, now - connectedSince))}${roundTripMs === undefined ? '' : `, ${roundTripMs.toFixed(0)} ms away`}${relay}`
  const error = lastError === undefined ? '' : `, ${durationText(Math.max(0, now - lastError.at))} ago: ${lastError.message}`
  return `${shortPeer(peer)}: not connected${nextTryAt === undefined ? '' : `, next try in ${durationText(Math.max(0, nextTryAt - now))}`}${error}`
}

/** For instance `cells (weight 2): 16 designs scored, 4 without a score (METRIC_TIMEOUT 4), the last since no score within 10000 ms`. */
function metricText({ name, weight, scored, failures, lastFailure }: MetricStatus): string {
  const counts = Object.entries(failures)
  const failed = counts.reduce((sum, [, count]) => sum + count, 0)
  const why = lastFailure ? `, ${failed} without a score (${counts.map(([outcome, count]) => `${outcome} ${count}`).join(', ')}), the last since ${lastFailure.reason.split('\n')[0]!.slice(0, 120)}` : ''
  return `${name} (weight ${weight}): ${scored} designs scored${why}`
}
