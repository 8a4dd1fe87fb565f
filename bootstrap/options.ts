import { resolve } from 'node:path'

import { Command, InvalidArgumentError } from 'commander'

export interface BootstrapOptions {
  readonly data: string
  readonly network: string
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly peer: readonly string[]
  readonly networkKeyFile?: string
  readonly credentialFile?: string
  readonly maximumConnections: number
  readonly json: boolean
  readonly verbose: boolean
}

type Repeated = 'listen' | 'announce' | 'peer'
type Parsed = Omit<BootstrapOptions, Repeated> & Partial<Pick<BootstrapOptions, Repeated>>

// commander passes the value before, too, which `resolve` would take for a second path.
const path = (value: string): string => resolve(value)
const collect = (value: string, values: readonly string[] = []): readonly string[] => [...values, value]

/** Reads the command line. With `--help`, or where it is wrong, commander prints and ends the process. */
export function parseOptions(argv: readonly string[], defaultNetwork: string): BootstrapOptions {
  const command = new Command('meshwright-bootstrap')
    .description('A first peer to ask for others. It keeps no models and takes no part in training: a network whose peers know each other goes on without it.')
    .option('--data <folder>', 'where its identity is kept', path, resolve('bootstrap-data'))
    .option('--network <file>', 'the network.config.json of the network to serve', path, defaultNetwork)
    .option('--listen <multiaddr>', 'address to listen on, may be repeated (default: /ip4/0.0.0.0/tcp/4100)', collect)
    .option('--announce <multiaddr>', 'address to tell others instead, may be repeated', collect)
    .option('--peer <multiaddr>', 'another bootstrap peer to stay connected to, may be repeated', collect)
    .option('--network-key-file <file>', 'file with the keys of a private network', path)
    .option('--credential-file <file>', 'the owners\' credential for this peer, where the network asks for one', path)
    .option('--maximum-connections <number>', 'connections beyond this are refused', connections, 1000)
    .option('--json', 'print one line of JSON instead of text, and log in JSON', false)
    .option('--verbose', 'log every connection', false)
    .parse([...argv], { from: 'user' })
  const { listen, announce, peer, ...rest } = command.opts<Parsed>()
  return { ...rest, listen: listen ?? ['/ip4/0.0.0.0/tcp/4100'], announce: announce ?? [], peer: peer ?? [] }
}

function connections(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 4 || value > 100_000) throw new InvalidArgumentError('write a whole number from 4 to 100000.')
  return value
}
