import { parseArgs } from 'node:util'

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

/** Reads the command line. @throws RangeError that says what may be written instead */
export function readOptions(words: readonly string[]): SimulationOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      peers: { type: 'string' },
      rounds: { type: 'string' },
      churn: { type: 'string' },
      announced: { type: 'string' },
      byzantine: { type: 'string' },
      behaviours: { type: 'string' },
      links: { type: 'string' },
      loss: { type: 'string' },
      seed: { type: 'string' },
      values: { type: 'string' },
      'cluster-size': { type: 'string' },
      'upper-every': { type: 'string' },
      auditors: { type: 'string' },
      'training-ms': { type: 'string' },
      'heartbeat-ms': { type: 'string' },
      json: { type: 'boolean', default: false },
      tree: { type: 'string' },
      messages: { type: 'string' },
    },
  })
  const whole = (name: 'peers' | 'rounds' | 'seed' | 'values' | 'cluster-size' | 'upper-every' | 'auditors' | 'training-ms' | 'heartbeat-ms', least: number, fallback: number): number =>
    number(name, values[name], fallback, (value) => Number.isSafeInteger(value) && value >= least, `a whole number from ${least} up`)
  const share = (name: 'churn' | 'announced' | 'byzantine' | 'loss', fallback: number): number => number(name, values[name], fallback, (value) => value >= 0 && value <= 1, 'a share from 0 to 1')
  return {
    world: {
      peers: whole('peers', 1, DEFAULT_WORLD.peers),
      seed: whole('seed', 0, DEFAULT_WORLD.seed),
      churn: share('churn', DEFAULT_WORLD.churn),
      announced: share('announced', DEFAULT_WORLD.announced),
      byzantine: share('byzantine', DEFAULT_WORLD.byzantine),
      behaviours: behavioursOf(values.behaviours),
      links: oneOf('links', values.links ?? DEFAULT_WORLD.links, LINK_MODELS),
      loss: share('loss', DEFAULT_WORLD.loss),
      values: whole('values', 8, DEFAULT_WORLD.values),
      clusterSize: whole('cluster-size', 2, DEFAULT_WORLD.clusterSize),
      upperEvery: whole('upper-every', 1, DEFAULT_WORLD.upperEvery),
      auditors: whole('auditors', 1, DEFAULT_WORLD.auditors),
      trainingMs: whole('training-ms', 1, DEFAULT_WORLD.trainingMs),
      heartbeatMs: whole('heartbeat-ms', 100, DEFAULT_WORLD.heartbeatMs),
    },
    rounds: whole('rounds', 1, 5),
    json: values.json,
    tree: values.tree,
    messages: values.messages,
  }
}

function number(name: string, text: string | undefined, fallback: number, fits: (value: number) => boolean, expected: string): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (text.trim() === '' || !fits(value)) throw new RangeError(`--${name} ${text}: write ${expected}`)
  return value
}

function behavioursOf(text: string | undefined): readonly Behaviour[] {
  const names = Object.keys(BEHAVIOURS) as Behaviour[]
  return text === undefined ? DEFAULT_WORLD.behaviours : text.split(',').map((name) => oneOf('behaviours', name, names))
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text)
  if (found === undefined) throw new RangeError(`--${option} ${text}: write ${names.join(' or ')}`)
  return found
}
