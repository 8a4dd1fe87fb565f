import { runSurface } from './run-surface.js'
import { surfaces } from './surfaces/index.js'

import type { LaneMessage, LaneTask } from './lanes.js'

/** Tells the parent of a case so often, so that a case that never ends can be named. Milliseconds. */
const TELL_EVERY_MS = 500

const say = (message: LaneMessage): void => { process.send!(message) }

process.on('message', (task: LaneTask) => void run(task))

async function run({ surface, cases, seed, tellEach = false }: LaneTask): Promise<void> {
  const found = surfaces.find(({ name }) => name === surface)
  if (found === undefined) throw new Error(`there is no surface ${surface}`)
  let told = 0
  say({ kind: 'report', report: await runSurface(found, cases, seed, (at) => {
    const now = performance.now()
    if (!tellEach && now - told < TELL_EVERY_MS) return
    told = now
    say({ kind: 'at', seed: at })
  }) })
}
