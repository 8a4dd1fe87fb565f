import { resolve } from 'node:path'

import { InvalidArgumentError, Option } from 'commander'

// commander passes the value before, too, which `resolve` would take for a second path.
export const path = (value: string): string => resolve(value)

export const collect = (value: string, values: readonly string[] = []): readonly string[] => [...values, value]
export const collectPaths = (value: string, values: readonly string[] = []): readonly string[] => [...values, resolve(value)]

/** A whole number within bounds. */
export function whole(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < minimum || value > maximum) throw new InvalidArgumentError(`Write a whole number from ${minimum} to ${maximum}.`)
    return value
  }
}

export function number(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= minimum && value <= maximum)) throw new InvalidArgumentError(`Write a number from ${minimum} to ${maximum}.`)
    return value
  }
}

const MILLISECONDS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A moment of the past, as a date or as how long ago. @returns milliseconds since 1970 */
export function past(text: string): number {
  const ago = /^(\d{1,9})([smhd])$/.exec(text)
  const time = ago ? Date.now() - Number(ago[1]) * MILLISECONDS[ago[2] as keyof typeof MILLISECONDS] : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(time)) throw new InvalidArgumentError('Write a date such as 2026-01-31T08:00, or how long ago, such as 90s, 30m, 2h or 7d.')
  return Math.max(0, time)
}

/** A moment to come, as a date or as days from now. @returns milliseconds since 1970 */
export function future(text: string): number {
  const time = /^\d{1,5}$/.test(text) ? Date.now() + Number(text) * MILLISECONDS.d : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
  if (!(time > Date.now())) throw new InvalidArgumentError('Write days from now, such as 365, or a date to come, such as 2030-12-31.')
  return Math.floor(time)
}

/** Where the node lives that a command is about. */
export function dataOption(): Option {
  return new Option('--data <folder>', 'the node\'s data folder (default: $MESHWRIGHT_DATA, or .meshwright in the home folder)').argParser(path)
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON, for programs').default(false)
}

/** The domains that the checkers know. */
export function domainOption(): Option {
  return new Option('--domain <domain>', 'what kind of hardware').choices(['verilog', 'qasm'])
}
