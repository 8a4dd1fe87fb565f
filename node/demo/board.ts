import { durationText } from '../terminal/numbers.js'
import { table } from '../terminal/table.js'
import type { Actor, Scene } from './scene.js'

/** Redrawn so often on a terminal, milliseconds. */
const REDRAW = 250
/** Without a terminal, a line about who does what comes so often, milliseconds. */
const LINE_EVERY = 4000
/** Lines of news that stay on a terminal. */
const NEWS_SHOWN = 10

const BAR = 10

/** Shows the demo while it runs: a table that is redrawn on a terminal, lines elsewhere. */
export class Board {
  #scene: Scene | undefined
  readonly #news: string[] = []
  #drawn = 0
  #activity: (() => string) | undefined
  #timer: NodeJS.Timeout | undefined
  #pulse = -1
  readonly #begun = performance.now()

  constructor(private readonly out: NodeJS.WriteStream) {}

  get elapsed(): number { return performance.now() - this.#begun }

  start(scene: Scene): void {
    this.#scene = scene
    this.#timer = this.out.isTTY ? setInterval(() => this.#draw(), REDRAW) : setInterval(() => this.#line(), LINE_EVERY)
  }

  /** Shows what is going on beside the rounds, such as an evaluation; undefined ends it. */
  show(activity: (() => string) | undefined): void { this.#activity = activity }

  readonly news = (line: string): void => {
    const text = `${this.#clock()}  ${line}`
    if (!this.out.isTTY) {
      this.out.write(`${text}\n`)
      return
    }
    this.#news.push(text)
    if (this.#scene === undefined) this.out.write(`${text}\n`)
    else this.#draw()
  }

  /** Ends the drawing; on a terminal the last picture stays. */
  stop(): void {
    clearInterval(this.#timer)
    if (this.out.isTTY && this.#scene) this.#draw()
    this.#scene = undefined
    this.#drawn = 0
  }

  #clock(): string {
    const seconds = Math.floor(this.elapsed / 1000)
    return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`
  }

  #draw(): void {
    const scene = this.#scene
    if (!scene) return
    const width = Math.max(40, this.out.columns)
    const lines = [
      '',
      `Meshwright demo, ${durationText(this.elapsed)}${this.#activity ? `: ${this.#activity()}` : ''}`,
      '',
      ...table(['company', 'cluster', 'head', 'round', 'now', 'loss', 'last delta'], scene.actors.map((actor) => row(scene, actor))),
      '',
      ...this.#news.slice(-NEWS_SHOWN),
    ].map((line) => Array.from(line).slice(0, width - 1).join(''))
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : ''
    this.out.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`)
    this.#drawn = lines.length
  }

  #line(): void {
    const scene = this.#scene
    if (!scene || (scene.pulse === this.#pulse && !this.#activity)) return
    this.#pulse = scene.pulse
    const text = this.#activity ? this.#activity() : scene.actors.map((actor) => `${actor.member.name} ${nowText(actor)}`).join(' | ')
    this.out.write(`${this.#clock()}    ${text}\n`)
  }
}

function row(scene: Scene, actor: Actor): string[] {
  const { member, loss, round } = actor
  const last = [...actor.outcomes].at(-1)?.[1]
  return [
    member.name,
    member.cluster,
    scene.clusters.get(member.cluster)?.head === member.peer ? 'head' : '',
    round === 0 ? '' : String(round),
    bar(actor),
    loss === undefined ? '' : loss.toFixed(3),
    last === undefined ? '' : last.outcome === 'counted' ? `${Math.round(last.weight * 100)} % of ${member.cluster}` : `${last.outcome}${last.reason === '' ? '' : ` (${last.reason.toLowerCase()})`}`,
  ]
}

function bar(actor: Actor): string {
  if (actor.stage !== 'in rounds' || actor.phase !== 'train' || actor.steps === 0) return nowText(actor)
  const full = Math.round(actor.step / actor.steps * BAR)
  return `train ${'#'.repeat(full)}${'.'.repeat(BAR - full)}`
}

function nowText({ stage, phase, step, steps, busyWith }: Actor): string {
  if (stage !== 'in rounds') return busyWith === '' || stage === 'killed' ? stage : busyWith
  return phase === 'train' && steps > 0 ? `train ${step}/${steps}` : phase
}
