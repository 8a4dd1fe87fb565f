import test from 'ava'

import { simulatedIdentity, verifySimulated } from '../../scripts/sim/identities.js'
import { createIdentity, seal } from '../../src/identity/index.js'
import { openMessage } from '../../src/rounds/index.js'
import { verifyMessagesWith } from '../../src/rounds/messages/wire.js'

const SIMULATED = 'a'.repeat(64)
const REAL = 'b'.repeat(64)
const join = { cluster: 'verilog.0', domain: 'verilog', record: 'c'.repeat(64), round: 1 }

test('simulated signatures hold for who gave them and what they are under, and in their own network alone', async (t) => {
  verifyMessagesWith(SIMULATED, verifySimulated)
  const [alice, bob] = [simulatedIdentity(1, 0), simulatedIdentity(1, 1)]
  t.is(openMessage(seal(alice, 'join', SIMULATED, join), 'join', SIMULATED).peer, alice.peerId)
  const forged = { ...alice, sign: (bytes: Uint8Array) => bob.sign(bytes) }
  t.throws(() => openMessage(seal(forged, 'join', SIMULATED, join), 'join', SIMULATED), { code: 'MESSAGE_REFUSED' })
  t.throws(() => openMessage(seal(alice, 'join', REAL, join), 'join', REAL), { code: 'MESSAGE_REFUSED' })
  const real = await createIdentity(new Uint8Array(32).fill(1))
  t.is(openMessage(seal(real, 'join', REAL, join), 'join', REAL).peer, real.peerId)
  t.throws(() => openMessage(seal(real, 'join', SIMULATED, join), 'join', SIMULATED), { code: 'MESSAGE_REFUSED' })
})

test('a message that was refused once is refused again, and one of another kind is not taken for it', (t) => {
  verifyMessagesWith(SIMULATED, verifySimulated)
  const envelope = seal(simulatedIdentity(1, 0), 'join', SIMULATED, join)
  t.is(openMessage(envelope, 'join', SIMULATED), openMessage(envelope, 'join', SIMULATED))
  for (let again = 0; again < 2; again++) t.throws(() => openMessage(envelope, 'offer', SIMULATED), { code: 'MESSAGE_REFUSED' })
})
