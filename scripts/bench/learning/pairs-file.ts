import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'

import type { Pair } from './peers.js'

/** Pairs from compressed JSON lines. */
export async function readPairs(file: string): Promise<Pair[]> {
  return gunzipSync(await readFile(file)).toString('utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Pair)
}
