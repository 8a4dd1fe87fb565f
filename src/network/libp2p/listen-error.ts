import { TransportError } from '../errors.js'

/** Says what a person can do about a node that cannot listen. */
export function listenError(error: unknown, listen: readonly string[]): TransportError {
  const message = error instanceof Error ? error.message : String(error)
  const address = listen.find((candidate) => message.includes(`${candidate}: `)) ?? listen.join(', ')
  const reasons: readonly [string, string][] = [
    ['EADDRINUSE', 'the port is in use: stop the other program, or choose another port (0 takes any free one)'],
    ['EADDRNOTAVAIL', 'this machine does not have that address: use /ip4/0.0.0.0/tcp/<port> for all of its addresses'],
    ['EACCES', 'this user may not use that port: choose one above 1023'],
    ['No transport was configured', 'only TCP is spoken: write /ip4/<address>/tcp/<port>'],
  ]
  const known = reasons.find(([sign]) => message.includes(sign))
  if (known?.[0] === 'EADDRINUSE') return new TransportError('LISTEN_ADDRESS_IN_USE', `cannot listen on ${address}: ${known[1]}`, { cause: error })
  return new TransportError('LISTEN_FAILED', `cannot listen on ${address}: ${known?.[1] ?? message.split('\n')[0]}`, { cause: error })
}
