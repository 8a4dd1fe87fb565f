import net from 'node:net'
import type { NetConnectOpts, Socket } from 'node:net'

/**
 * Has all TCP connections that this process opens from now on come from one address of the machine, so that whoever passes them on can tell which peer dials. libp2p offers no such
 * setting. Linux lets a process use any address of 127.0.0.0/8.
 */
export function dialFrom(localAddress: string): void {
  const { connect } = net
  Reflect.set(net, 'connect', (options: NetConnectOpts, listener?: () => void): Socket => connect('port' in options ? { ...options, localAddress } : options, listener))
}
