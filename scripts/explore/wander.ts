import { createRandom } from '../../src/telemetry/index.js'

import type { Input } from './drive.js'
import type { State } from './explore.js'
import { RunningVoter } from './running-voter.js'
import { choicesOf, honestOf, STEPS } from './setting.js'
import type { Setting } from './setting.js'
import { standingOf } from './standing.js'
import { proposals } from './triggers.js'

export interface Walk {
  /** Where the voters stood after each input. */
  readonly states: readonly State[]
  readonly decided: ReadonlySet<string>
}

/**
 * A random run without any reduction: one message at a time to one voter, in any order and any number of times or never, timers at any time, values judged
 * and built late, restarts, and hostile voters who say anything to anybody. Ends where a voter goes beyond the last term.
 */
export function wander(setting: Setting, seed: number, steps: number): Walk {
  const random = createRandom(seed)
  const draw = <One>(all: readonly One[]): One | undefined => all[Math.floor(random() * all.length)]
  const said: Input[] = []
  const voters = honestOf(setting).map((name) => new RunningVoter(setting, name, true, (input) => said.push(input)))
  const lies = [...anything(setting)]
  const states: State[] = []
  for (const voter of voters) voter.start()
  for (let step = 0; step < steps; step++) {
    const voter = draw(voters)!
    const kind = random()
    if (kind < 0.02) voter.restart()
    else if (kind < 0.12) voter.judge(taken(voter.toJudge, random) ?? 'nothing', true)
    else if (kind < 0.2) voter.offer(taken(voter.toBuild, random) ?? -1, draw(setting.values)!)
    else {
      const input = kind < 0.3 ? taken(voter.timers, random) : kind < 0.6 ? draw(lies) : draw(said)
      if (input !== undefined) voter.take(input)
    }
    if (voters.some(({ machine }) => machine.term >= setting.terms)) break
    states.push(voters.map(({ machine }) => standingOf(machine.memory)))
  }
  return { states, decided: new Set(voters.flatMap(({ decided }) => decided ?? [])) }
}

function* anything(setting: Setting): Generator<Input> {
  const hostile = setting.voters.slice(0, setting.hostile)
  for (let term = 0; term < setting.terms; term++) {
    for (const { input } of proposals(setting, term)) if (hostile.includes(setting.voters[term % setting.voters.length]!)) yield input
    for (const voter of hostile) {
      for (const step of STEPS) for (const value of choicesOf(setting)) yield { kind: 'vote', vote: { step, term, voter, value } }
    }
  }
}

/** Takes one out of a list. */
function taken<One>(list: One[], random: () => number): One | undefined {
  return list.splice(Math.floor(random() * list.length), 1)[0]
}
