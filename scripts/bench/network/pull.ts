/** How fast content is pulled from one holder in another process, against a bare TCP connection over the same loopback. */
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

// First of all: libp2p needs what the network's door brings.
import { createLibp2pTransport } from '../../../src/network/index.js'
import type { Libp2pTransport } from '../../../src/network/index.js'
import { createIdentity } from '../../../src/identity/index.js'

const MIB = 2 ** 20
const CONTENT_BYTES = 64 * MIB
const CHUNK_BYTES = MIB
const RUNS = 5
const NETWORK = 'ab'.repeat(32)

interface Holder {
  readonly port: number
  readonly address: string
  readonly peer: string
  readonly content: string
}

async function startPeer(): Promise<Libp2pTransport> {
  return createLibp2pTransport({ identity: await createIdentity(), networkId: NETWORK, limits: { chunkBytes: CHUNK_BYTES } })
}

/** Holds the content, and writes it to whoever connects to its bare port. */
async function hold(): Promise<void> {
  const bytes = randomBytes(CONTENT_BYTES)
  const server = createServer((socket) => writeAll(socket, bytes))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const peer = await startPeer()
  const holder: Holder = { port: (server.address() as AddressInfo).port, address: peer.addresses()[0]!, peer: peer.self, content: peer.offer(bytes) }
  process.once('disconnect', () => process.exit())
  process.send!(holder)
}

function writeAll(socket: Socket, bytes: Uint8Array, from = 0): void {
  for (let at = from; at < bytes.length; at += CHUNK_BYTES) {
    if (socket.write(bytes.subarray(at, at + CHUNK_BYTES))) continue
    socket.once('drain', () => writeAll(socket, bytes, at + CHUNK_BYTES))
    return
  }
  socket.end()
}

async function readAll(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  let bytes = 0
  socket.on('data', (chunk) => { bytes += chunk.length })
  await once(socket, 'close')
  if (bytes !== CONTENT_BYTES) throw new Error(`${bytes} of ${CONTENT_BYTES} bytes came`)
}

/** MiB a second. */
async function rateOf(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await act()
  return CONTENT_BYTES / MIB / ((performance.now() - begun) / 1000)
}

export interface PullRates {
  /** MiB a second of each run. */
  readonly tcp: readonly number[]
  readonly pull: readonly number[]
}

export async function pullRates(): Promise<PullRates> {
  const child = fork(new URL(import.meta.url), ['hold'])
  try {
    const [{ address, content, peer, port }] = await once(child, 'message') as [Holder]
    const puller = await startPeer()
    await puller.dial(address)
    const tcp: number[] = []
    const pull: number[] = []
    // In turns, so that both meet the same machine; the first of each only warms up.
    for (let run = 0; run <= RUNS; run++) {
      tcp.push(await rateOf(() => readAll(port)))
      pull.push(await rateOf(() => puller.pull(content, [peer], { maximumBytes: CONTENT_BYTES })))
    }
    await puller.stop()
    return { tcp: tcp.slice(1), pull: pull.slice(1) }
  } finally {
    child.kill('SIGKILL')
  }
}

if (process.argv[2] === 'hold') await hold()
