import { resolve } from 'node:path'

import { Command } from 'commander'

import { collect, path, whole } from '../node/cli/options.js'

export interface BootstrapOptions {
  readonly data: string
  readonly network: string
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly peer: readonly string[]
  readonly networkKeyFile?: string
  readonly credentialFile?: string
  readonly maximumConnections: number
  readonly relay: boolean
  readonly relayReservations: number
  readonly relayReservationsPerAddress: number
  readonly relayMegabytes: number
  readonly relayMinutes: number
  readonly json: boolean
  readonly verbose: boolean
}

type Repeated = 'listen' | 'announce' | 'peer'
type Parsed = Omit<BootstrapOptions, Repeated> & Partial<Pick<BootstrapOptions, Repeated>>

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
    .option('--maximum-connections <number>', 'connections beyond this are refused', whole(4, 100_000), 1000)
    .option('--no-relay', 'do not serve as a relay for peers that cannot be reached directly')
    .option('--relay-reservations <number>', 'peers that may be reached through it at once', whole(1, 10_000), 128)
    .option('--relay-reservations-per-address <number>', 'of these, from one IP address', whole(1, 10_000), 16)
    .option('--relay-megabytes <number>', 'what one relayed connection may carry, in both directions together', whole(1, 100_000), 64)
    .option('--relay-minutes <number>', 'how long one relayed connection may last', whole(1, 1440), 60)
    .option('--json', 'print one line of JSON instead of text, and log in JSON', false)
    .option('--verbose', 'log every connection', false)
    .parse([...argv], { from: 'user' })
  const { listen, announce, peer, ...rest } = command.opts<Parsed>()
  return { ...rest, listen: listen ?? ['/ip4/0.0.0.0/tcp/4100'], announce: announce ?? [], peer: peer ?? [] }
}
