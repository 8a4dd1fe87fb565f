import type { ControlClient } from '../control/client.js'
import type { Board } from './board.js'
import type { Child } from './processes.js'
import type { Actor, Scene } from './scene.js'
import { follow, until } from './stage-hands.js'

/** The share of the rounds after which the head is killed. Late: the three that are left are too few for audits to tell who stands out. */
const KILL_AFTER = 0.9
/** Nothing takes longer on a machine that does nothing else; milliseconds. */
const START_PATIENCE = 180_000
const ROUND_PATIENCE = 240_000

export interface RoundsActOptions {
  readonly scene: Scene
  readonly children: ReadonlyMap<string, Child>
  readonly board: Board
  readonly rounds: number
  readonly signal: AbortSignal
}

/**
 * The rounds: waits for all nodes, follows them, kills the head of the first Verilog cluster in the middle of a round, and waits for the last record.
 *
 * @returns connections to the nodes that are left
 */
export async function roundsAct({ scene, children, board, rounds, signal }: RoundsActOptions): Promise<Map<string, ControlClient>> {
  const nodes = new Map<string, ControlClient>()
  await Promise.all(scene.actors.map(async (actor) => nodes.set(actor.member.peer, await follow(scene, actor, signal))))
  await until(() => scene.actors.every(({ stage }) => stage === 'in rounds'), 'the start of all nodes', START_PATIENCE, signal)
  board.news('all nodes are connected and in rounds')

  const cluster = scene.clusters.get(scene.actors.find(({ member }) => member.domain === 'verilog')!.member.cluster)!
  const killRound = Math.max(2, Math.ceil(rounds * KILL_AFTER))
  let killed = false
  for (let round = 1; round <= rounds; round++) {
    if (round === killRound && cluster.head !== undefined) {
      const head = scene.actorOf(cluster.head)!
      await until(() => head.round > round || (head.round === round && (head.step >= Math.ceil(head.steps / 2) && head.phase === 'train')), `the middle of round ${round}`, ROUND_PATIENCE, signal)
      kill(head, round)
      killed = true
    }
    await until(() => [...scene.clusters.values()].every((one) => one.round >= round), `round ${round}`, ROUND_PATIENCE, signal)
    if (killed && round === killRound) board.news(`${cluster.id} went on without it: round ${round} has a record`)
  }
  await until(() => scene.actors.every(({ stage }) => stage === 'killed' || stage === 'rounds finished' || stage === 'serving'), 'the end of all rounds', ROUND_PATIENCE, signal)
  return nodes

  function kill(head: Actor, round: number): void {
    board.news(`SIGKILL to ${head.member.name}, the head of ${cluster.id}, in the middle of round ${round}`)
    children.get(head.member.peer)!.kill()
    nodes.get(head.member.peer)!.close()
    nodes.delete(head.member.peer)
    scene.enter(head, 'killed')
  }
}
