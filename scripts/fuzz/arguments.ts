import { parseArgs } from 'node:util'

export interface FuzzOptions {
  /** Of each surface. */
  readonly cases: number
  readonly seed: number
  /** Names of the surfaces; all where there is none. */
  readonly surfaces: readonly string[]
  readonly json: boolean
  /** Processes at a time. */
  readonly lanes: number
}

/** Reads the command line. @throws RangeError that says what may be written instead */
export function readOptions(words: readonly string[], known: readonly string[]): FuzzOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      cases: { type: 'string', default: '10000' },
      surface: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      lanes: { type: 'string', default: '2' },
    },
  })
  const surfaces = values.surface.flatMap((text) => text.split(','))
  for (const name of surfaces) {
    if (!known.includes(name)) throw new RangeError(`--surface ${name}: write ${known.join(', ')}`)
  }
  return { cases: whole('cases', values.cases, 1), seed: whole('seed', values.seed, 0), surfaces, json: values.json, lanes: whole('lanes', values.lanes, 1) }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) throw new RangeError(`--${name} ${text}: write a whole number from ${least} up`)
  return value
}
