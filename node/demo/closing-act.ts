import type { Checker } from '../../src/quality/index.js'

import type { ControlClient } from '../control/client.js'
import type { NodeStatus } from '../daemon/status.js'
import type { Evaluation } from '../serving/evaluate.js'
import type { PublicPair } from '../settings/model-data.js'
import type { Board } from './board.js'
import { compareModels, compareServing, testSet } from './measure.js'
import type { Serving, TestSet, MODELS } from './measure.js'
import { designPart, peersPart, ratesPart } from './report.js'
import type { Shown } from './report.js'
import type { Actor, Scene } from './scene.js'

/** Own designs that finalists for a personal model write to be checked: few, since all companies share two cores. */
const VERIFIED_DESIGNS = 12
/** Steps of further training of a personal model. */
const FURTHER_STEPS = 25

export interface ClosingActOptions {
  readonly scene: Scene
  readonly nodes: ReadonlyMap<string, ControlClient>
  readonly board: Board
  readonly checker: Checker
  readonly heldOut: readonly PublicPair[]
  readonly seed: number
}

/** Personal models, then what all of it was good for: the three parts of the demo's report. */
export async function closingAct({ scene, nodes, board, checker, heldOut, seed }: ClosingActOptions): Promise<string[][]> {
  const statuses = new Map<string, NodeStatus>()
  for (const [peer, node] of nodes) statuses.set(peer, await node.call('status') as NodeStatus)
  const judges = new Map<string, Actor>()
  for (const domain of ['verilog', 'qasm']) {
    const able = scene.actors.filter(({ member, stage }) => member.domain === domain && stage !== 'killed' && !member.damaged)
    if (able[0]) judges.set(domain, able[0])
  }
  board.news(`each company makes its personal model; ${[...judges.values()].map(({ member }) => member.name).join(' and ')} train alone, too, for comparison`)
  await Promise.all([...nodes].map(([peer, node]) => node.call('personalise', { local: [...judges.values()].some(({ member }) => member.peer === peer), furtherSteps: FURTHER_STEPS, verified: VERIFIED_DESIGNS })))

  const rates = new Map<string, Record<(typeof MODELS)[number], Evaluation>>()
  const sets = new Map<string, TestSet>()
  const progress = new Map<string, string>()
  board.news('held-out specifications go to the base, to what a company has alone, to the network\'s and to the personal model')
  board.show(() => `evaluating ${[...progress].map(([domain, text]) => `${domain} ${text}`).join(', ')}`)
  await Promise.all([...judges].map(async ([domain, { member }]) => {
    const brought = new Set(scene.actors.filter((actor) => actor.member.domain === domain).flatMap((actor) => actor.member.families))
    const set = testSet(heldOut, domain, brought, seed)
    sets.set(domain, set)
    rates.set(domain, await compareModels(nodes.get(member.peer)!, set, (model, checked, asked) => progress.set(domain, `${model} ${checked}/${asked}`)))
    progress.set(domain, 'done')
  }))

  const judge = judges.get('verilog') ?? [...judges.values()][0]!
  let done = ''
  board.news(`${judge.member.name} serves ${sets.get(judge.member.domain)!.served.length} more specifications, plainly and with its own draft`)
  board.show(() => `serving ${done}`)
  const serving = await compareServing(nodes.get(judge.member.peer)!, checker, sets.get(judge.member.domain)!, (count, asked) => { done = `${count}/${asked}` })
  const shown = await show(judge, serving, checker)
  board.show(undefined)
  const ordered = new Map([...judges.keys()].map((domain) => [domain, rates.get(domain)!]))
  return [peersPart(scene, statuses), ratesPart(ordered, new Map([...judges].map(([domain, { member }]) => [domain, member.name]))), designPart(shown, serving)]
}

/** The longest of the designs that passed, or the first. */
async function show({ member }: Actor, { designs }: Serving, checker: Checker): Promise<Shown | undefined> {
  const passed = designs.filter(({ outcome }) => outcome === 'pass').sort((x, y) => y.design.length - x.design.length)
  const served = passed[0] ?? designs[0]
  if (!served) return undefined
  const figures = served.pair.domain === 'qasm' ? await checker.circuit(served.design) : await checker.synthesis(served.design)
  return { company: member.name, served, figures }
}
