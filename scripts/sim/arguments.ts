import { readWords } from '../command/command.js'
import type { Command } from '../command/command.js'
import { flag, oneOf, share, someOf, text, whole } from '../command/kinds.js'

import { BEHAVIOURS } from './adversaries.js'
import type { Behaviour } from './adversaries.js'
import { LINK_MODELS } from './links.js'
import { DEFAULT_WORLD } from './options.js'
import type { WorldOptions } from './options.js'

export interface SimulationOptions {
  readonly world: WorldOptions
  readonly rounds: number
  readonly json: boolean
  /** Where to write the tree of clusters as it stands at the end. */
  readonly tree: string | undefined
  /** Where to write the messages of one round of one cluster. */
  readonly messages: string | undefined
}

const OPTIONS = {
  peers: whole('peers of the network', DEFAULT_WORLD.peers, 1),
  rounds: whole('rounds of the root, or of the only cluster', 5, 1),
  churn: share('part of the peers that leave in each round; as many new ones come', DEFAULT_WORLD.churn),
  announced: share('part of those that say that they leave', DEFAULT_WORLD.announced),
  byzantine: share('part of the peers that are hostile or broken', DEFAULT_WORLD.byzantine),
  behaviours: someOf(Object.keys(BEHAVIOURS) as Behaviour[], 'what these do, in turn', DEFAULT_WORLD.behaviours),
  links: oneOf(LINK_MODELS, 'how long messages take', DEFAULT_WORLD.links),
  loss: share('chance that a message is lost on its way to one receiver', DEFAULT_WORLD.loss),
  seed: whole('equal options give equal runs', DEFAULT_WORLD.seed, 0),
  values: whole('values of an adapter', DEFAULT_WORLD.values, 8),
  'cluster-size': whole('peers aimed at in a cluster', DEFAULT_WORLD.clusterSize, 2),
  'upper-every': whole('trainings between two offers of a cluster', DEFAULT_WORLD.upperEvery, 1),
  auditors: whole('auditors of each delta', DEFAULT_WORLD.auditors, 1),
  'training-ms': whole('median of how long a peer trains, virtual milliseconds', DEFAULT_WORLD.trainingMs, 1),
  'heartbeat-ms': whole('time between two heartbeats, virtual milliseconds', DEFAULT_WORLD.heartbeatMs, 100),
  tree: text('file', 'where to write a picture (SVG) of the tree of clusters at the end'),
  messages: text('file', 'where to write a picture (SVG) of the messages of one round of one cluster'),
  json: flag('print the figures as a line of JSON; what else there is to say goes to stderr'),
}

export const COMMAND: Command<typeof OPTIONS> = {
  call: 'npm run sim --',
  about: 'Thousands of peers in one process and in virtual time, on the code of src/rounds and src/hierarchy. See docs/guides/simulation.md.',
  options: OPTIONS,
  examples: ['--peers 10000 --rounds 20 --churn 0.3 --byzantine 0.2', '--peers 64 --tree tree.svg --messages round.svg'],
}

/** Reads the command line. @throws UsageError that says what may be written instead */
export function readOptions(words: readonly string[]): SimulationOptions {
  const values = readWords(COMMAND, words)
  const { peers, seed, churn, announced, byzantine, behaviours, links, loss, auditors, rounds, json, tree, messages } = values
  return {
    world: {
      peers, seed, churn, announced, byzantine, behaviours, links, loss, auditors,
      values: values.values,
      clusterSize: values['cluster-size'],
      upperEvery: values['upper-every'],
      trainingMs: values['training-ms'],
      heartbeatMs: values['heartbeat-ms'],
    },
    rounds, json, tree, messages,
  }
}
