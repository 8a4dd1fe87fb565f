import type { Trueput } from '../../src/inference/index.js'
import type { SynthesisVerdict, CircuitVerdict } from '../../src/quality/index.js'

import type { NodeStatus } from '../daemon/status.js'
import type { Evaluation } from '../serving/evaluate.js'
import { bytesText, percentText, rateText } from '../terminal/numbers.js'
import { outcomeText } from '../terminal/outcomes.js'
import { table } from '../terminal/table.js'
import { MODELS } from './measure.js'
import type { ServedDesign, Serving } from './measure.js'
import type { Actor, Scene } from './scene.js'

/** First part: who did what, and what became of it. */
export function peersPart(scene: Scene, statuses: ReadonlyMap<string, NodeStatus>): string[] {
  const rows = scene.actors.map((actor) => {
    const { member } = actor
    const status = statuses.get(member.peer)
    const rounds = Math.max(1, actor.outcomes.size)
    const isHead = scene.clusters.get(member.cluster)?.head === member.peer
    const last = [...actor.outcomes].at(-1)?.[1]
    return [
      member.name,
      member.cluster,
      isHead ? '0 and 1' : '0',
      isHead ? 'head' : '',
      meanLoss(actor, 'first'),
      meanLoss(actor, 'last'),
      auditScore(actor),
      last === undefined || actor.stage === 'killed' ? '-' : percentText(last.weight),
      status ? bytesText(status.traffic.bytesSent / rounds) : '-',
      status ? bytesText(status.traffic.bytesReceived / rounds) : '-',
    ]
  })
  const traffic = [...statuses.values()][0]?.traffic
  const longestName = Math.max(...scene.actors.map(({ member }) => member.name.length))
  return [
    '1. The companies and their deltas',
    '',
    ...table(['company', 'cluster', 'level', 'head', 'loss before', 'after', 'audit score', 'weight', 'sent/round', 'received/round'], rows),
    '',
    'Why:',
    ...scene.actors.map((actor) => `  ${actor.member.name.padEnd(longestName)}  ${why(actor)}`),
    '',
    ...traffic
      ? [`A delta takes ${bytesText(traffic.deltaBytes)} instead of ${bytesText(traffic.f32Bytes)} as f32: ${(traffic.f32Bytes / traffic.deltaBytes).toFixed(1)} times less. Sent and received count everything: deltas, votes, records, heartbeats.`]
      : [],
    'Loss: mean of the first and of the last round\'s inner steps on own designs, nats a token. Audit score, by other companies, mean over the run: one part',
    'contrast (how surely the adapter prefers right designs to near misses), three parts relevance (how much the specification tells it). Weight: share of',
    'the cluster\'s last aggregate.',
  ]
}

/** Second part: what the network is good for. */
export function ratesPart(rates: ReadonlyMap<string, Readonly<Record<(typeof MODELS)[number], Evaluation>>>, who: ReadonlyMap<string, string>): string[] {
  const names = { base: 'base model', local: 'trained alone', network: 'the network\'s model', personal: 'personal model' } as const
  const domains = [...rates.keys()]
  return [
    '2. Held-out specifications that nobody trained on: designs that do what the reference does',
    '',
    ...table(['model', ...domains.map((domain) => `${domain === 'qasm' ? 'quantum' : 'Verilog'} (${who.get(domain) ?? '-'})`)], MODELS.map((model) => [
      names[model], ...domains.map((domain) => rateText(rates.get(domain)![model].passed, rates.get(domain)![model].asked)),
    ])),
    '',
    'Passed/asked (rate, 95 % Wilson interval). Greedy output, proved equivalent to the reference by the checkers; "unknown" is not passed.',
    'Specifications are of all companies\' kinds of designs; who trains alone knows only its own.',
  ]
}

export interface Shown {
  readonly company: string
  readonly served: ServedDesign
  readonly figures: SynthesisVerdict | CircuitVerdict
}

/** Third part: one design, and how fast verified designs come. */
export function designPart(shown: Shown | undefined, serving: Serving): string[] {
  const design = shown
    ? [
        `${shown.company} asks its personal model: ${shown.served.pair.specification}`,
        '',
        ...shown.served.design.trimEnd().split('\n').map((line) => `    ${line}`),
        '',
        `  equivalence  ${shown.served.outcome}: ${shown.served.reason} (${Math.round(shown.served.checkMilliseconds)} ms)`,
        `  ${'cells' in shown.figures ? `synthesis    ${shown.figures.outcome}: ${shown.figures.cells} cells, ${shown.figures.flipFlops} of them flip-flops, depth ${shown.figures.depth}` : `circuit      ${shown.figures.outcome}: ${shown.figures.qubits} qubits, ${shown.figures.gates} gates, depth ${shown.figures.depth}`}`,
      ]
    : ['No specification was left to serve.']
  const line = (name: string, value: Trueput): string[] => [
    name, value.verifiedPerSecond.toFixed(2), percentText(value.passRate), value.tokensPerSecond.toFixed(0), value.acceptanceLength.toFixed(2), percentText(value.checkShare),
  ]
  return [
    '3. One design, and Trueput',
    '',
    ...design,
    '',
    ...table(['Trueput', 'verified designs/s', 'passed', 'tokens/s', 'tokens a call', 'time in checks'], [line('plain', serving.plain), line('personal speculative', serving.speculative)]),
    '',
    `${serving.plain.specifications} specifications, the personal model both times; ${serving.identical ? 'the designs are identical' : 'THE DESIGNS DIFFER, which must not be'}. Writing is ${speedUp(serving)} times as fast with a draft from the company's own designs.`,
  ]
}

function speedUp({ plain, speculative }: Serving): string {
  return plain.tokensPerSecond > 0 ? (speculative.tokensPerSecond / plain.tokensPerSecond).toFixed(2) : '-'
}

function meanLoss({ losses }: Actor, which: 'first' | 'last'): string {
  const rounds = [...losses.keys()]
  const all = losses.get(which === 'first' ? Math.min(...rounds) : Math.max(...rounds))
  return all === undefined || all.length === 0 ? '-' : (all.reduce((sum, loss) => sum + loss, 0) / all.length).toFixed(3)
}

function auditScore({ outcomes }: Actor): string {
  const scores = [...outcomes.values()].flatMap(({ score }) => score ?? [])
  return scores.length === 0 ? '-' : (scores.reduce((sum, score) => sum + score, 0) / scores.length).toFixed(3)
}

/** For instance `refused in 5 of 12 rounds: audits show it below the others`. */
function why({ outcomes, stage, member }: Actor): string {
  if (outcomes.size === 0) return 'no delta'
  const texts = new Map<string, number>()
  for (const one of outcomes.values()) texts.set(outcomeText(one), (texts.get(outcomeText(one)) ?? 0) + 1)
  const said = [...texts].sort((x, y) => y[1] - x[1]).map(([text, count]) => text === 'counted' ? `counted ${count}x` : `${text} (${count}x)`).join('; ')
  return `${said}${stage === 'killed' ? '; then killed' : ''}${member.damaged ? ' [its specifications do not belong to its designs]' : ''}`
}
