import { inspect } from 'node:util'

/** Prints lines for people. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** Prints one JSON document for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** The end of a peer id tells peers apart: all begin alike. */
export function shortPeer(peer: string | undefined): string {
  return peer === undefined ? '-' : `...${peer.slice(-6)}`
}

/** A value with bytes shown as hex, cut where it gets long. */
export function readable(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: 120, maxArrayLength: 16, maxStringLength: 200 })
}
