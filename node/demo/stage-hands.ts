import { controlAddress } from '../control/address.js'
import { connectControl } from '../control/client.js'
import type { ControlClient } from '../control/client.js'
import type { Stage, WatchedEvent } from '../daemon/events.js'
import { NodeError } from '../errors.js'
import type { Actor, Scene } from './scene.js'

/** A node that starts is asked again after so long, milliseconds. */
const RETRY = 200

/** Connects to a node as soon as it answers, and follows what it tells. */
export async function follow(scene: Scene, actor: Actor, signal: AbortSignal): Promise<ControlClient> {
  for (;;) {
    signal.throwIfAborted()
    const node = await connectControl(controlAddress(actor.member.dataFolder)).catch(() => undefined)
    if (node) {
      // Ends with the node; an unasked end is noticed at the process.
      node.call('events', {}, (event) => scene.take(actor, event as WatchedEvent)).catch(() => undefined)
      return node
    }
    await sleep(RETRY)
  }
}

/** Before its control socket is up, a node tells by its log what it does. */
export function readStage(scene: Scene, actor: Actor, line: string): void {
  if (!line.includes('"message":"stage"')) return
  const { stage } = JSON.parse(line) as { readonly stage: Stage }
  if (actor.stage !== 'killed') scene.enter(actor, stage)
}

/**
 * Waits until something holds.
 *
 * @throws NodeError DEMO_TIMED_OUT
 */
export async function until(condition: () => boolean, what: string, milliseconds: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + milliseconds
  while (!condition()) {
    signal.throwIfAborted()
    if (performance.now() > end) throw new NodeError('DEMO_TIMED_OUT', `${what} did not come within ${Math.round(milliseconds / 1000)} s: is the machine busy with something else? --keep leaves the logs`)
    await sleep(50)
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds) })
}
