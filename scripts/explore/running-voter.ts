import type { Agreement, Effect, Value } from '../../src/rounds/agreement/index.js'

import { answer, begin } from './drive.js'
import type { Input, Timeout } from './drive.js'
import type { Setting } from './setting.js'

/** An honest voter whose machine goes on from one input to the next, with what it has asked for and not got yet. */
export class RunningVoter {
  machine: Agreement
  /** Timers that run. */
  readonly timers: Timeout[] = []
  /** Values to judge. */
  readonly toJudge: Value[] = []
  /** Terms to build a value for. */
  readonly toBuild: number[] = []
  decided: Value | undefined

  /**
   * @param keepsHeard - whether the votes that it has heard survive a restart
   * @param tell - hears all that this voter says
   */
  constructor(private readonly setting: Setting, readonly name: string, private readonly keepsHeard: boolean, private readonly tell: (said: Input) => void) {
    this.machine = begin(setting, name)
  }

  start(): void { this.obey(this.machine.start()) }

  take(input: Input): void { this.obey(answer(this.machine, input)) }

  judge(value: Value, isValid: boolean): void { this.obey(this.machine.judge(value, isValid)) }

  offer(term: number, value: Value): void { this.obey(this.machine.offer(term, value)) }

  /** The process ends and starts again with what is on its disk. */
  restart(): void {
    for (const list of [this.timers, this.toJudge, this.toBuild]) list.length = 0
    const { memory } = this.machine
    this.machine = begin(this.setting, this.name, this.keepsHeard ? memory : { ...memory, heard: [] })
    this.start()
  }

  private obey(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'vote': this.tell({ kind: 'vote', vote: effect.vote }); break
        case 'propose': this.tell({ kind: 'proposal', proposal: effect.proposal }); break
        case 'timer': this.timers.push({ kind: 'timeout', waiting: effect.waiting, term: effect.term }); break
        case 'check': this.toJudge.push(effect.value); break
        case 'build': this.toBuild.push(effect.term); break
        case 'decide': this.decided = effect.value; break
        case 'term': case 'equivocation': break
      }
    }
  }
}
