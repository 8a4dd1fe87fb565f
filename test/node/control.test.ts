import { mkdirSync } from 'node:fs'
import { createConnection, Socket } from 'node:net'
import { join } from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { controlAddress } from '../../node/control/address.js'
import { connectControl } from '../../node/control/client.js'
import { ControlError } from '../../node/control/errors.js'
import { onJsonLines } from '../../node/control/lines.js'
import { serveControl } from '../../node/control/server.js'
import type { ControlHandler } from '../../node/control/server.js'
import { NodeError } from '../../node/errors.js'
import { folderFor } from './house.js'

const handlers: Record<string, ControlHandler> = {
  echo: (params) => Promise.resolve(params),
  refuse: () => Promise.reject(new NodeError('USAGE_INVALID', 'not like this')),
  count: async (_, { emit }) => {
    for (let i = 0; i < 3; i++) emit(i)
    await Promise.resolve()
    return 'counted'
  },
  forever: (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(null))),
}

test('a command gets its answer, whatever it carries', async (t) => {
  const address = controlAddress(folderFor(t))
  const server = await serveControl(address, handlers)
  const client = await connectControl(address)
  await fc.assert(fc.asyncProperty(fc.jsonValue(), async (value) => {
    t.deepEqual(await client.call('echo', value), JSON.parse(JSON.stringify(value)))
  }), { numRuns: 50 })
  client.close()
  await server.close()
})

test('progress comes before the answer, in order', async (t) => {
  const address = controlAddress(folderFor(t))
  const server = await serveControl(address, handlers)
  const client = await connectControl(address)
  const seen: unknown[] = []
  t.is(await client.call('count', {}, (event) => seen.push(event)), 'counted')
  t.deepEqual(seen, [0, 1, 2])
  client.close()
  await server.close()
})

test('the node\'s error codes come through', async (t) => {
  const address = controlAddress(folderFor(t))
  const server = await serveControl(address, handlers)
  const client = await connectControl(address)
  await t.throwsAsync(client.call('refuse'), { instanceOf: ControlError, code: 'USAGE_INVALID', message: 'not like this' })
  await t.throwsAsync(client.call('toString'), { code: 'CONTROL_METHOD_UNKNOWN' })
  client.close()
  await server.close()
})

test('what a client asked for ends when it goes away', async (t) => {
  const address = controlAddress(folderFor(t))
  let aborted: () => void = () => undefined
  const gone = new Promise<void>((resolve) => { aborted = resolve })
  let began: () => void = () => undefined
  const begun = new Promise<void>((resolve) => { began = resolve })
  const server = await serveControl(address, { wait: (_, { signal }) => new Promise((resolve) => {
    began()
    signal.addEventListener('abort', () => {
      aborted()
      resolve(null)
    })
  }) })
  const client = await connectControl(address)
  const call = t.throwsAsync(client.call('wait'), { code: 'CONTROL_CONNECTION_LOST' })
  await begun
  client.close()
  await Promise.all([gone, call])
  await server.close()
  t.pass()
})

test('a client learns that the node stopped', async (t) => {
  const address = controlAddress(folderFor(t))
  const server = await serveControl(address, handlers)
  const client = await connectControl(address)
  const call = t.throwsAsync(client.call('forever'), { code: 'CONTROL_CONNECTION_LOST' })
  // An answer says that the server has read the first call.
  await client.call('echo')
  await server.close()
  await call
})

test('bytes that are no command end the connection and nothing else', async (t) => {
  const address = controlAddress(folderFor(t))
  const server = await serveControl(address, handlers)
  for (const bytes of ['{"id":1}\n', 'null\n', '\x00\xff\n', '[]\n', 'x'.repeat(9 << 20)]) {
    const socket = createConnection(address)
    socket.on('error', () => socket.destroy())
    socket.write(bytes)
    await new Promise((resolve) => { socket.on('close', resolve) })
  }
  const client = await connectControl(address)
  t.is(await client.call('echo', 'still here'), 'still here')
  client.close()
  await server.close()
})

test('without a node, the error says how to start one', async (t) => {
  await t.throwsAsync(connectControl(controlAddress(folderFor(t))), { code: 'NODE_NOT_RUNNING', message: /meshwright start/ })
})

test('a data folder with a long path has a socket all the same', async (t) => {
  const folder = join(folderFor(t), 'a'.repeat(120))
  mkdirSync(folder)
  const address = controlAddress(folder)
  t.true(address.length <= 103)
  const server = await serveControl(address, handlers)
  const client = await connectControl(address)
  t.is(await client.call('echo', 1), 1)
  client.close()
  await server.close()
})

test('what comes after a line that ended the connection is not heard', (t) => {
  const socket = new Socket()
  const heard: unknown[] = []
  onJsonLines(socket, (message) => {
    heard.push(message)
    socket.destroy()
  })
  socket.emit('data', '1\n2\n3\n')
  t.deepEqual(heard, [1])
})
