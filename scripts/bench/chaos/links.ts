import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

import type { Random } from '../../../src/telemetry/index.js'

import { conditionsBetween } from './conditions.js'
import type { Disturbance } from './conditions.js'
import { Flow } from './flow.js'

/** Below those that the system gives to outgoing connections, which come from the same addresses and could take a killed peer's port. */
const PORT = 21_101
const OWN_PORT = 21_102

/** Where a peer is to listen, and where others find it. */
export interface Address {
  /** The peer's own address of this machine: from there it must dial, so that it is known who dials. */
  readonly host: string
  /** Others are told this port. */
  readonly port: number
  /** The peer itself listens on this one. */
  readonly ownPort: number
}

interface Connection {
  readonly dialler: number
  readonly listener: number
  readonly sockets: readonly Socket[]
  readonly flows: readonly Flow[]
}

/**
 * The TCP links between some peers of this machine. Each peer has an address of loopback of its own (Linux), and before its port stands another that passes on what comes, as the
 * disturbances of the moment let it: they meet the connections that there are and those that are still to come.
 */
export class Links {
  private readonly disturbances = new Set<Disturbance>()
  private readonly connections = new Set<Connection>()

  private constructor(readonly addresses: readonly Address[], private readonly servers: readonly Server[], private readonly random: Random) {
    for (const [listener, server] of servers.entries()) server.on('connection', (socket: Socket) => this.accept(socket, listener))
  }

  static async open(peers: number, random: Random): Promise<Links> {
    for (let network = 1; network < 255; network++) {
      const addresses = Array.from({ length: peers }, (_, index): Address => ({ host: `127.${network}.0.${index + 1}`, port: PORT, ownPort: OWN_PORT }))
      const first = await listening(addresses[0]!).catch((error: unknown) => {
        // Other links of this machine are there.
        if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined
        throw error
      })
      if (first !== undefined) return new Links(addresses, [first, ...await Promise.all(addresses.slice(1).map(listening))], random)
    }
    throw new Error('all networks of loopback are taken: end other benchmarks first')
  }

  /** How many connections there are now between two peers, whoever dialled. */
  between(one: number, other: number): number {
    return [...this.connections].filter(({ dialler, listener }) => (dialler === one && listener === other) || (dialler === other && listener === one)).length
  }

  /** @returns what ends the disturbance */
  disturb(disturbance: Disturbance): () => void {
    this.disturbances.add(disturbance)
    this.changed()
    return () => {
      this.disturbances.delete(disturbance)
      this.changed()
    }
  }

  async close(): Promise<void> {
    for (const { sockets } of this.connections) for (const socket of sockets) socket.destroy()
    await Promise.all(this.servers.map(async (server) => once(server.close(), 'close')))
  }

  private conditions(dialler: number, listener: number): ReturnType<typeof conditionsBetween> {
    return conditionsBetween(dialler, listener, this.disturbances)
  }

  private changed(): void {
    for (const connection of [...this.connections]) {
      if (this.conditions(connection.dialler, connection.listener).isCut) this.cut(connection)
      else for (const flow of connection.flows) flow.changed()
    }
  }

  private cut({ sockets }: Connection): void {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  private accept(socket: Socket, listener: number): void {
    const dialler = this.addresses.findIndex(({ host }) => host === socket.remoteAddress)
    socket.on('error', () => undefined)
    if (dialler < 0 || this.conditions(dialler, listener).isCut) {
      socket.resetAndDestroy()
      return
    }
    const { host, ownPort } = this.addresses[listener]!
    // The listener, too, shall see who dials.
    const onward = connect({ host, port: ownPort, localAddress: this.addresses[dialler]!.host, allowHalfOpen: true })
    const conditions = (): ReturnType<typeof conditionsBetween> => this.conditions(dialler, listener)
    const flows = [new Flow(socket, onward, conditions, this.random), new Flow(onward, socket, conditions, this.random)]
    const connection: Connection = { dialler, listener, sockets: [socket, onward], flows }
    this.connections.add(connection)
    // Nobody listens there: the dialler is refused as well.
    onward.once('error', () => { if (onward.connecting || onward.bytesRead + onward.bytesWritten === 0) socket.resetAndDestroy() })
    for (const one of connection.sockets) one.once('close', () => { if (connection.sockets.every(({ destroyed }) => destroyed)) this.connections.delete(connection) })
  }
}

async function listening({ host, port }: Address): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }).listen(port, host)
  await once(server, 'listening')
  return server
}
