import { createServer } from 'node:net'

import { multiaddr } from '@multiformats/multiaddr'

import { ok, problem } from './finding.js'
import type { Finding } from './finding.js'

/** Whether the node could listen on its addresses, or listens there already. */
export async function examinePorts(listen: readonly string[], isRunning: boolean): Promise<Finding[]> {
  return Promise.all(listen.map(async (address) => {
    const { host, port } = placeOf(address)
    if (port === 0) return ok('port', `${address}: any free port`)
    const error = await tryToListen(host, port)
    if (isRunning) {
      return error === 'EADDRINUSE'
        ? ok('port', `the running node listens on ${address}`)
        : problem('port', `the running node does not listen on ${address}`, 'stop and start it: the settings were changed since it was started')
    }
    switch (error) {
      case undefined: return ok('port', `${address} is free`)
      case 'EADDRINUSE': return problem('port', `another program listens on ${address}`, 'stop it, or choose another port under transport.listen')
      case 'EADDRNOTAVAIL': return problem('port', `this machine does not have the address ${address}`, 'write /ip4/0.0.0.0/tcp/<port> under transport.listen for all of its addresses')
      case 'EACCES': return problem('port', `this user may not listen on ${address}`, 'choose a port above 1023 under transport.listen')
      default: return problem('port', `nobody can listen on ${address} (${error})`, 'choose another address under transport.listen')
    }
  }))
}

function placeOf(address: string): { readonly host: string, readonly port: number } {
  const components = multiaddr(address).getComponents()
  return { host: components[0]?.value ?? '', port: Number(components.find(({ name }) => name === 'tcp')?.value ?? 0) }
}

/** Returns the system's code where it does not work. */
export function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(undefined))
    })
  })
}
