import { parseArgs } from 'node:util'

import { settingOf } from './setting.js'
import type { Setting } from './setting.js'

export interface ExploreOptions {
  readonly setting: Setting
  /** From every so many-th state the voters go on until they decide; 0 for none. */
  readonly continueEvery: number
  readonly json: boolean
}

/** Reads the command line. @throws RangeError that says what may be written instead */
export function readOptions(words: readonly string[]): ExploreOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      voters: { type: 'string', default: '4' },
      hostile: { type: 'string', default: '1' },
      terms: { type: 'string', default: '3' },
      values: { type: 'string', default: '2' },
      exact: { type: 'boolean', default: false },
      'continue-every': { type: 'string', default: '0' },
      'forgets-lock': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const whole = (name: 'voters' | 'hostile' | 'terms' | 'values' | 'continue-every', least: number): number => {
    const value = Number(values[name])
    if (values[name].trim() === '' || !Number.isSafeInteger(value) || value < least) throw new RangeError(`--${name} ${values[name]}: write a whole number from ${least} up`)
    return value
  }
  const continueEvery = whole('continue-every', 0)
  if (continueEvery > 0 && !values.exact) throw new RangeError('--continue-every: only states of --exact can really be reached')
  const [voters, hostile] = [whole('voters', 1), whole('hostile', 0)]
  if (hostile >= voters) throw new RangeError(`--hostile ${hostile}: write fewer than there are voters, ${voters}`)
  const setting = settingOf({ voters, hostile, terms: whole('terms', 1), values: whole('values', 1), isExact: values.exact, forgetsLock: values['forgets-lock'] })
  return { setting, continueEvery, json: values.json }
}
