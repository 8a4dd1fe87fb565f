import test from 'ava'

import { simulatedIdentity, verifySimulated } from '../../scripts/sim/identities.js'
import { createIdentity, seal, verifySignature } from '../../src/identity/index.js'
import { openMessage } from '../../src/rounds/index.js'

const NETWORK = 'a'.repeat(64)
const SIMULATED = { network: NETWORK, verify: verifySimulated }
const REAL = { network: NETWORK, verify: verifySignature }
const join = { cluster: 'verilog.0', domain: 'verilog', record: 'c'.repeat(64), round: 1, credential: null }

test('simulated signatures hold for who gave them and what they are under, and nowhere else', async (t) => {
  const [alice, bob] = [simulatedIdentity(1, 0), simulatedIdentity(1, 1)]
  t.is(openMessage(seal(alice, 'join', NETWORK, join), 'join', SIMULATED).peer, alice.peerId)
  const forged = { ...alice, sign: (bytes: Uint8Array) => bob.sign(bytes) }
  t.throws(() => openMessage(seal(forged, 'join', NETWORK, join), 'join', SIMULATED), { code: 'MESSAGE_REFUSED' })
  t.throws(() => openMessage(seal(alice, 'join', NETWORK, join), 'join', REAL), { code: 'MESSAGE_REFUSED' })
  // Also for bytes that a simulation has opened in the same process.
  const opened = seal(alice, 'join', NETWORK, join)
  openMessage(opened, 'join', SIMULATED)
  t.throws(() => openMessage(opened, 'join', REAL), { code: 'MESSAGE_REFUSED' })
  t.throws(() => openMessage(opened.slice(), 'join', REAL), { code: 'MESSAGE_REFUSED' })
  const real = await createIdentity(new Uint8Array(32).fill(1))
  t.is(openMessage(seal(real, 'join', NETWORK, join), 'join', REAL).peer, real.peerId)
  t.throws(() => openMessage(seal(real, 'join', NETWORK, join), 'join', SIMULATED), { code: 'MESSAGE_REFUSED' })
})

test('a message that was refused once is refused again, and one of another kind is not taken for it', (t) => {
  const envelope = seal(simulatedIdentity(1, 0), 'join', NETWORK, join)
  t.is(openMessage(envelope, 'join', SIMULATED), openMessage(envelope, 'join', SIMULATED))
  for (let again = 0; again < 2; again++) t.throws(() => openMessage(envelope, 'report', SIMULATED), { code: 'MESSAGE_REFUSED' })
})
