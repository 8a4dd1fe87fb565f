import { mkdtemp, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { checkerAddress, connectChecker, openChecker, QualityError, serveChecker } from '../../src/quality/index.js'
import { encodeFrame, FrameReader } from '../../src/quality/checker/frames.js'

const CIRCUIT = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'
/** qsharp-lang evaluates the loop and never ends. */
const HANGING = 'OPENQASM 3.0; include "stdgates.inc"; qubit q; while (true) { x q; }'

const address = async (): Promise<string> => checkerAddress(await mkdtemp(join(tmpdir(), 'quality-')))

test('many clients share one checker', async (t) => {
  const checker = openChecker({ workers: 1 })
  const server = await serveChecker(checker, await address())
  const clients = Array.from({ length: 4 }, () => connectChecker(server.socketPath))
  const verdicts = await Promise.all(clients.map((client) => client.syntax('qasm', CIRCUIT)))
  t.true(verdicts.every(({ outcome, grade }) => outcome === 'pass' && grade === 1))
  t.is((await clients[0]!.circuit(CIRCUIT)).twoQubitGates, 1)
  const statistics = await clients[1]!.statistics()
  t.is(statistics.runs + statistics.fromCache, 5)
  t.is(server.clients, 4)
  await Promise.all(clients.map((client) => client.close()))
  await server.close()
  await checker.close()
})

test('a client that dies frees the worker that its check held', async (t) => {
  const checker = openChecker({ workers: 1, timeoutMs: 120_000 })
  const server = await serveChecker(checker, await address())
  const dying = connectChecker(server.socketPath)
  const hung = dying.syntax('qasm', HANGING)
  const waiting = connectChecker(server.socketPath)
  while ((await waiting.statistics()).running === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  await dying.close()
  await t.throwsAsync(hung, { instanceOf: QualityError, code: 'CHECKER_CLOSED' })
  // With the worker still held, this would wait for two minutes.
  t.is((await waiting.syntax('qasm', CIRCUIT)).outcome, 'pass')
  await waiting.close()
  await server.close()
  await checker.close()
})

test('an abandoned check ends at once and frees its worker', async (t) => {
  const checker = openChecker({ workers: 1, timeoutMs: 120_000 })
  const server = await serveChecker(checker, await address())
  const client = connectChecker(server.socketPath)
  const controller = new AbortController()
  const hung = client.syntax('qasm', HANGING, { signal: controller.signal })
  while ((await client.statistics()).running === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  controller.abort()
  await t.throwsAsync(hung, { instanceOf: QualityError, code: 'CHECKER_ABORTED' })
  t.is((await client.syntax('qasm', CIRCUIT)).outcome, 'pass')
  await client.close()
  await server.close()
  await checker.close()
})

test('checks under way survive a restart of the server', async (t) => {
  const path = await address()
  const checker = openChecker({ workers: 1 })
  const first = await serveChecker(checker, path)
  const client = connectChecker(path)
  t.is((await client.syntax('qasm', CIRCUIT)).outcome, 'pass')
  await first.close()
  const asked = client.circuit(CIRCUIT)
  const second = await serveChecker(checker, path)
  t.is((await asked).gates, 2)
  await client.close()
  await second.close()
  await checker.close()
})

test('a client gives up on a server that stays away', async (t) => {
  const client = connectChecker(await address(), { retryMs: 100 })
  await t.throwsAsync(client.syntax('qasm', CIRCUIT), { instanceOf: QualityError, code: 'CHECKER_UNREACHABLE' })
  await client.close()
})

test('a second server at the same address is refused, and a dead one\'s socket file is taken over', async (t) => {
  const path = await address()
  const checker = openChecker({ workers: 1 })
  const server = await serveChecker(checker, path)
  await t.throwsAsync(serveChecker(checker, path), { instanceOf: QualityError, code: 'CHECKER_SOCKET_TAKEN' })
  await server.close()
  if (process.platform !== 'win32') {
    await writeFile(path, '')
    const after = await serveChecker(checker, path)
    t.is(after.clients, 0)
    await after.close()
  }
  await checker.close()
})

test('an address where nobody can listen is refused', async (t) => {
  const checker = openChecker({ workers: 1 })
  await t.throwsAsync(serveChecker(checker, join(tmpdir(), 'no', 'such', 'folder', 'checker.sock')), { instanceOf: QualityError, code: 'CHECKER_UNREACHABLE' })
  await checker.close()
})

test('bytes that are no request end their connection and nothing else', async (t) => {
  const checker = openChecker({ workers: 1 })
  const server = await serveChecker(checker, await address())
  const hostile = [
    Uint8Array.of(255, 255, 255, 255, 1, 2, 3),
    Uint8Array.of(0, 0, 0, 2, 123, 123),
    encodeFrame({ id: 1, check: { kind: 'shell', source: 'ls' } }),
    encodeFrame({ id: -1, statistics: true }),
    encodeFrame([]),
  ]
  for (const bytes of hostile) {
    const ended = await new Promise((resolve) => {
      const socket = connect(server.socketPath, () => socket.write(bytes))
      socket.on('error', () => undefined)
      socket.once('close', () => resolve(true))
    })
    t.true(ended)
  }
  const client = connectChecker(server.socketPath)
  t.is((await client.syntax('qasm', CIRCUIT)).outcome, 'pass')
  await client.close()
  await server.close()
  await checker.close()
})

test('a client does not trust what answers', async (t) => {
  const path = await address()
  const impostor = createServer((socket) => { socket.once('data', () => socket.write(encodeFrame({ id: 0, verdict: { outcome: 'excellent' } }))) })
  await new Promise<void>((resolve) => { impostor.listen(path, resolve) })
  const client = connectChecker(path, { retryMs: 100 })
  await t.throwsAsync(client.syntax('qasm', CIRCUIT), { instanceOf: QualityError, code: 'CHECKER_UNREACHABLE' })
  await client.close()
  impostor.close()
})

test('frames come out as they went in, however they are cut', (t) => {
  fc.assert(fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (messages, cuts) => {
    const bytes = Buffer.concat(messages.map((message) => encodeFrame(message)))
    const reader = new FrameReader()
    const received: unknown[] = []
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const next = at + cuts[i % cuts.length]!
      received.push(...reader.push(bytes.subarray(at, next)))
      at = next
    }
    t.deepEqual(received, messages.map((message) => JSON.parse(JSON.stringify(message)) as unknown))
  }))
})
