import { readWords, UsageError } from '../command/command.js'
import type { Command } from '../command/command.js'
import { flag, whole } from '../command/kinds.js'

import { settingOf } from './setting.js'
import type { Setting } from './setting.js'

export interface ExploreOptions {
  readonly setting: Setting
  /** From every so many-th state the voters go on until they decide; 0 for none. */
  readonly continueEvery: number
  readonly json: boolean
}

const OPTIONS = {
  voters: whole('members of the cluster', 4, 1),
  hostile: whole('how many of them are hostile', 1, 0),
  terms: whole('terms that are looked at', 3, 1),
  values: whole('records that may be proposed', 2, 1),
  exact: flag('only what can really be reached: slower'),
  'continue-every': whole('with --exact, let the voters go on from every so many-th state until they decide; 0 for none', 0, 0),
  'forgets-lock': flag('voters forget at a restart what they are locked on: a contradiction must be found'),
  json: flag('print what was found as a line of JSON'),
}

export const COMMAND: Command<typeof OPTIONS> = {
  call: 'npm run explore --',
  about: 'All that a few voters can do in an agreement, some of them hostile, with the machine of the protocol. See scripts/explore/README.md.',
  options: OPTIONS,
  examples: ['--voters 4 --terms 2', '--exact --terms 2 --continue-every 20', '--forgets-lock'],
}

/** Reads the command line. @throws UsageError that says what may be written instead */
export function readOptions(words: readonly string[]): ExploreOptions {
  const { voters, hostile, terms, values, exact: isExact, 'continue-every': continueEvery, 'forgets-lock': forgetsLock, json } = readWords(COMMAND, words)
  if (continueEvery > 0 && !isExact) throw new UsageError('--continue-every: only states of --exact can really be reached, write --exact as well')
  if (hostile >= voters) throw new UsageError(`--hostile ${hostile}: write fewer than there are voters, ${voters}`)
  return { setting: settingOf({ voters, hostile, terms, values, isExact, forgetsLock }), continueEvery, json }
}
