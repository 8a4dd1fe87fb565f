import test from 'ava'

import { DEFAULT_POLICY } from '../../src/config/index.js'
import { verifySignature } from '../../src/identity/index.js'
import type { ContentId } from '../../src/network/index.js'
import { Trainer } from '../../src/rounds/learning/trainer.js'
import type { TrainerContext } from '../../src/rounds/learning/trainer.js'
import type { RoundEvents, RoundStore } from '../../src/rounds/index.js'
import { Place } from '../../src/rounds/place.js'
import { createVirtualClock, TypedEvents } from '../../src/telemetry/index.js'

import { createToyLearner, createToyStore, LENGTH, NETWORK, optimumOf, villagerIdentity } from './village.js'

const identity = await villagerIdentity(0)
const old = { id: 'verilog.0', level: 0, domain: 'verilog', members: [identity.peerId] }
const other = { ...old, id: 'verilog.1', members: [] }
const NOWHERE = '0'.repeat(64)

function contextOf(store: RoundStore, place: Place): TrainerContext {
  return {
    identity, place, store,
    self: identity.peerId,
    network: NETWORK,
    policy: { ...DEFAULT_POLICY, foundingRoster: [{ peer: identity.peerId, domain: 'verilog' }] },
    get cluster() { return place.cluster },
    clock: createVirtualClock(),
    events: new TypedEvents<RoundEvents>(),
    verify: verifySignature,
    length: LENGTH,
    learner: createToyLearner(optimumOf(0, false)),
    signal: new AbortController().signal,
  }
}

interface Announced { readonly content: ContentId, readonly training: number, readonly cluster: string }

/** A trainer, and what it announces of each training. */
function trainerIn(store: RoundStore, place: Place): { readonly trainer: Trainer, readonly train: (training: number) => Promise<Announced> } {
  let told: (announced: Announced) => void = () => undefined
  const trainer = new Trainer(contextOf(store, place), ({ payload: { content, training, cluster } }) => { told({ content, training, cluster }) })
  return {
    trainer,
    train: (training) => new Promise((resolve, reject) => {
      told = resolve
      trainer.begin({ training, parent: NOWHERE, adapter: new Float32Array(LENGTH) })
      if (!trainer.isTraining) reject(new Error(`it does not begin with training ${training}`))
    }),
  }
}

/** Trains in one cluster, then gives it up for another one, and is started again before or after that was noted by the trainer. */
async function moved(before: number, after: number, { dies }: { readonly dies: boolean }): Promise<{ readonly open: number, readonly first: Announced }> {
  const store = createToyStore()
  const place = new Place(old)
  const { trainer, train } = trainerIn(store, place)
  await trainer.restore(1)
  await train(before)
  await trainer.saved()
  place.moveTo({ founded: other, cluster: other.id, splits: 0, hasSigned: true })
  if (!dies) trainer.changeChain()
  await trainer.saved()
  const again = trainerIn(store, place)
  await again.trainer.restore(1)
  const open = again.trainer.open.length
  return { open, first: await again.train(after) }
}

for (const [name, before, after] of [['fewer', 40, 20], ['more', 5, 40]] as const) {
  test(`who is started again amid a move to a cluster with ${name} trainings goes on there with what it has learnt, as if it had not been stopped`, async (t) => {
    const undisturbed = await moved(before, after, { dies: false })
    t.is(undisturbed.open, 0)
    t.deepEqual([undisturbed.first.training, undisturbed.first.cluster], [after, other.id])
    t.deepEqual(await moved(before, after, { dies: true }), undisturbed)
  })
}
