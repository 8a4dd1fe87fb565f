import type { Input, Timeout } from './drive.js'
import type { Way } from './explore.js'
import { RunningVoter } from './running-voter.js'
import { honestOf } from './setting.js'
import type { Setting } from './setting.js'

const STEP_MS = 100
const REPEAT_MS = 200
const LONGEST_MS = 60_000

export interface End {
  /** Milliseconds until all had decided, or undefined where they never do. */
  readonly after: number | undefined
  readonly values: ReadonlySet<string>
}

/** When voters' processes end and start again with what is on their disks. */
export const RESTARTS = ['none', 'one at the end', 'all at the end', 'after each step'] as const

export type Restarts = (typeof RESTARTS)[number]

/**
 * Goes the way to a state with machines that remember what they have heard, and then goes on.
 *
 * @param hasHeard - whether the votes that a voter has heard are on its disk, as they should be
 */
export function continued(setting: Setting, way: Way, restarts: Restarts, hasHeard = true): End {
  const said: Input[] = []
  const voters = honestOf(setting).map((name) => new RunningVoter(setting, name, hasHeard, (input) => said.push(input)))
  for (const voter of voters) voter.start()
  for (const { voter: at, inputs } of way) {
    const voter = voters[at]!
    for (const input of inputs) {
      voter.take(input)
      for (const value of voter.toJudge.splice(0)) voter.judge(value, true)
    }
    if (restarts === 'after each step') voter.restart()
  }
  for (const voter of restarts === 'all at the end' ? voters : restarts === 'one at the end' ? voters.slice(0, 1) : []) voter.restart()
  // What was said on the way has reached those who were to hear it, and nobody else.
  said.length = 0
  return goOn(voters, said)
}

/**
 * From now on every message arrives at once, timers fire in time, and hostile voters are silent: nobody can count on their votes. As in a cluster,
 * voters say again what others may have missed, and no more than that.
 *
 * @param said - gets what the voters say, and is emptied
 */
export function goOn(voters: readonly RunningVoter[], said: Input[]): End {
  const due: { readonly at: number, readonly voter: RunningVoter, readonly timer: Timeout }[] = []
  let now = 0
  let repeatAt = 0
  const settle = (): void => {
    for (let isBusy = true; isBusy;) {
      isBusy = said.length > 0
      for (const input of said.splice(0)) for (const voter of voters) voter.take(input)
      for (const voter of voters) {
        for (const timer of voter.timers.splice(0)) due.push({ at: now + STEP_MS * (1 + timer.term), voter, timer })
        if (voter.toJudge.length + voter.toBuild.length > 0) isBusy = true
        for (const value of voter.toJudge.splice(0)) voter.judge(value, true)
        for (const term of voter.toBuild.splice(0)) voter.offer(term, `built by ${voter.name} in ${term}`)
      }
    }
  }
  const end = (after: number | undefined): End => ({ after, values: new Set(voters.flatMap(({ decided }) => decided ?? [])) })
  while (now <= LONGEST_MS) {
    settle()
    if (voters.every(({ decided }) => decided !== undefined)) return end(now)
    now = due.reduce((first, { at }) => Math.min(first, at), repeatAt)
    if (now === repeatAt) {
      said.push(...voters.flatMap(repeated))
      repeatAt += REPEAT_MS
    }
    for (const one of due.filter(({ at }) => at <= now)) {
      due.splice(due.indexOf(one), 1)
      one.voter.take(one.timer)
    }
  }
  return end(undefined)
}

function repeated({ name, machine }: RunningVoter): Input[] {
  const proposal = machine.proposalOf(machine.term)
  return [
    ...proposal?.from === name ? [{ kind: 'proposal', proposal } as const] : [],
    ...machine.votesToRepeat().map((vote) => ({ kind: 'vote', vote } as const)),
  ]
}
