/** A process that holds content and hands it out slowly: one chunk every 30 ms. It tells its parent its address. */
import { setTimeout as sleep } from 'node:timers/promises'

import { lpStream } from '@libp2p/utils'

import { createIdentity } from '../../src/identity/index.js'
import { listChunks } from '../../src/network/libp2p/assembly.js'
import { decodeChunkRequest, decodeRequest, encodeHeader, pullProtocol } from '../../src/network/libp2p/pull-messages.js'

import { slowContent } from './content.js'
import { createRogue, NETWORK } from './peers.js'

const node = await createRogue(await createIdentity())
const content = slowContent()

await node.handle(pullProtocol(NETWORK), async (stream) => {
  const frames = lpStream(stream)
  const { chunkBytes } = decodeRequest((await frames.read()).subarray())
  await frames.write(encodeHeader('holds', listChunks(content, chunkBytes)))
  for (;;) {
    const chunk = decodeChunkRequest((await frames.read()).subarray())
    await sleep(30)
    await frames.write(content.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes))
  }
})
process.on('unhandledRejection', () => undefined)
process.send!({ address: node.getMultiaddrs()[0]!.toString() })
