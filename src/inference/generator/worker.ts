/** The thread that writes: it passes messages to and from the engine. */
import { parentPort, workerData } from 'node:worker_threads'

import { loadCheckpoint } from '../../model/index.js'
import { Engine } from './engine.js'
import type { GeneratorSetup, Request } from './messages.js'

const port = parentPort!
const setup = workerData as GeneratorSetup
const engine = new Engine(await loadCheckpoint(setup.checkpoint), setup, (response) => port.postMessage(response))

port.on('message', (request: Request) => {
  // The thread ends by itself once nothing runs: ended within a run of ONNX Runtime it would take the process with it.
  if (request.type === 'close') void engine.close().finally(() => port.close())
  else engine.handle(request)
})
port.postMessage({ type: 'ready', id: 0, limits: engine.limits })
