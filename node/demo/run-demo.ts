import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { loadOrCreateIdentity } from '../../src/identity/index.js'
import { connectChecker } from '../../src/quality/index.js'

import { codeOf, messageOf } from '../control/errors.js'
import { durationText } from '../terminal/numbers.js'
import { loadHeldOut, modelFolderOf } from '../settings/model-data.js'
import { Board } from './board.js'
import { closingAct } from './closing-act.js'
import { makeFolder, prepare } from './prepare.js'
import type { DemoOptions } from './plan.js'
import { Processes } from './processes.js'
import { roundsAct } from './rounds-act.js'
import { Scene } from './scene.js'
import { readStage } from './stage-hands.js'

/** Checks at a time of the shared checkers. */
const CHECKER_WORKERS = 2

/** Runs the demo from beginning to end. @returns the exit code */
export async function runDemo(options: DemoOptions): Promise<number> {
  const board = new Board(process.stdout)
  const processes = new Processes()
  const folder = await makeFolder()
  const stopping = new AbortController()
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => reject(new Error(`stopped by ${signal}`)))
  })
  interrupted.catch(() => undefined)
  let code = 0
  try {
    await Promise.race([play(options, folder, board, processes, stopping.signal), processes.failed, interrupted])
  } catch (error) {
    board.stop()
    const isInterrupt = messageOf(error).startsWith('stopped by')
    process.stderr.write(isInterrupt ? `\n${messageOf(error)}\n` : `error ${codeOf(error)}: ${messageOf(error)}\n`)
    code = isInterrupt ? 130 : 1
  } finally {
    stopping.abort()
    board.stop()
    await processes.stop()
    if (!options.keep) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  process.stdout.write(options.keep ? `\nEverything is in ${folder}\n` : '')
  if (code === 0) process.stdout.write(`\nThat took ${durationText(board.elapsed)}. No process is left running${options.keep ? '' : ', and no file'}.\n`)
  return code
}

async function play(options: DemoOptions, folder: string, board: Board, processes: Processes, signal: AbortSignal): Promise<void> {
  const bootstrapFolder = join(folder, 'bootstrap')
  await mkdir(bootstrapFolder, { recursive: true })
  const [{ peerId }, port] = [await loadOrCreateIdentity(bootstrapFolder), await freePort()]
  const { networkFile, members } = await prepare(options, folder, peerId, port)
  board.news(`${members.length} companies with private designs: ${members.map(({ name, domain, pairs }) => `${name} (${domain === 'qasm' ? 'quantum' : 'Verilog'}, ${pairs.length} designs)`).join(', ')}`)
  board.news(`${members.find(({ damaged }) => damaged)!.name}'s specifications do not belong to its designs; nobody is told`)

  const socket = join(folder, 'checks.sock')
  const checkers = processes.meshwright('the checkers', ['check', '--socket', socket, '--workers', String(CHECKER_WORKERS), '--json'], join(folder, 'checkers.log'))
  const bootstrap = processes.bootstrap(['--data', bootstrapFolder, '--network', networkFile, '--listen', `/ip4/127.0.0.1/tcp/${port}`, '--json'], join(folder, 'bootstrap.log'))
  const scene = new Scene(members, board.news)
  board.start(scene)
  await Promise.all([checkers.firstLine, bootstrap.firstLine])
  const children = new Map(scene.actors.map((actor) => {
    const { name, dataFolder, peer } = actor.member
    const args = ['start', '--data', dataFolder, '--checker', socket, '--rounds', String(options.rounds), '--no-personalise', '--no-own-aggregate']
    return [peer, processes.meshwright(name, args, join(dataFolder, 'node.log'), (line) => readStage(scene, actor, line))]
  }))
  scene.announceClusters()
  const nodes = await roundsAct({ scene, children, board, signal, rounds: options.rounds })
  const checker = connectChecker(socket)
  try {
    const parts = await closingAct({ scene, nodes, board, checker, seed: options.seed, heldOut: await loadHeldOut(modelFolderOf()) })
    board.stop()
    process.stdout.write(parts.map((part) => `\n\n${part.join('\n')}\n`).join(''))
  } finally {
    await checker.close()
    for (const node of nodes.values()) node.close()
  }
}

/** A port that nobody listens on at this moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no free port')))
    })
  })
}
