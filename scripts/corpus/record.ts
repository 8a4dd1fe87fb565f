import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

import type { Family, Point } from './family.js'
import type { HouseStyle } from './house.js'

/** One specification with a design that answers it, and where it comes from. */
export interface CorpusRecord {
  readonly family: string
  readonly domain: Family['domain']
  readonly kind: Family['kind']
  readonly point: Point
  readonly coding: number
  readonly house: string
  readonly specification: string
  readonly design: string
}

/** What the network's probe pool holds: a public reference and designs that were proved different from it. */
export interface ProbeRecord extends Omit<CorpusRecord, 'design'> {
  readonly reference: string
  readonly nearMisses: readonly string[]
}

export function recordOf(family: Family, point: Point, style: HouseStyle, phrasing: number, coding: number): CorpusRecord {
  const { name, domain, kind } = family
  return {
    family: name, domain, kind, point, coding, house: style.id,
    specification: family.describe(point, style, phrasing), design: family.write(point, style, coding),
  }
}

/** A short hash of a text: 80 bits keep a million texts apart. */
export const fingerprint = (text: string): string => createHash('sha256').update(text).digest('base64').slice(0, 14)

/** Writes JSON lines, compressed. The same records give the same bytes. */
export async function writeRecords(path: string, records: AsyncIterable<object> | Iterable<object>): Promise<void> {
  await pipeline(async function* () {
    for await (const record of records) yield `${JSON.stringify(record)}\n`
  }, createGzip({ level: 9 }), createWriteStream(path))
}
