import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import { loadFamilies, loadReplay } from '../../../node/settings/model-data.js'
import { parseProbes, loadProbePool } from '../../../src/audit/index.js'
import { readPairs } from '../../../src/corpus/pairs.js'
import { decodeState, encodeState } from '../../../src/training/state.js'

import type { Draw } from '../draw.js'
import { encodeAnyhow } from '../loose-cbor.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignText } from '../mutate-text.js'
import { foreignValue } from '../mutate-values.js'
import { Scratch } from '../scratch.js'
import { must, mustBeSame, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const PROBE = { domain: 'verilog', family: 'inverter', specification: 'Write module inv.', reference: 'module inv; endmodule', nearMisses: ['module inv2; endmodule'] }
const PAIR = { domain: 'qasm', family: 'bell', specification: 'A Bell pair.', design: 'OPENQASM 3.0; qubit q;' }
const FAMILIES = { known: ['a'], evaluation: ['b'], unseen: ['c'] }
const WORDS = ['{', '}', '"', ',', ':', '\n', '\r', '[', '\\', '\\ud800', 'null', '1e999', '"__proto__":']

function jsonLines(value: unknown, draw: Draw): string {
  const lines = Array.from({ length: 1 + draw.below(4) }, () => JSON.stringify(foreignValue(value, draw)) as string | undefined ?? '')
  return draw.chance(0.3) ? foreignText([lines.join('\n')], WORDS, draw) : lines.join('\n')
}

function compressed(value: unknown, draw: Draw): Uint8Array {
  const bytes = gzipSync(jsonLines(value, draw), { level: 1 })
  return draw.chance(0.3) ? foreignBytes(bytes, draw) : bytes
}

const probes = surface({
  name: 'probes',
  from: 'the disk',
  make: (draw) => jsonLines(PROBE, draw),
  feed: (text) => { must(parseProbes(text, 'probes.jsonl.gz').every(({ nearMisses }) => nearMisses.length > 0), 'a probe without near misses') },
})

const scratch = new Scratch('data')

const pool = surface({
  name: 'probe-pool',
  from: 'the disk',
  make: (draw) => compressed(PROBE, draw),
  feed: async (bytes) => {
    const file = path.join(scratch.folder, 'probes.jsonl.gz')
    await writeFile(file, bytes)
    must((await loadProbePool(file)).probes.length > 0, 'a pool without probes')
  },
  end: scratch.remove,
})

const replay = surface({
  name: 'replay-file',
  from: 'the disk',
  make: (draw) => ({ bytes: compressed(PAIR, draw), families: jsonLines(FAMILIES, draw) }),
  feed: async ({ bytes, families }) => {
    await writeFile(path.join(scratch.folder, 'replay.jsonl.gz'), bytes)
    await writeFile(path.join(scratch.folder, 'families.json'), families)
    must((await loadReplay(scratch.folder)).every(({ design }) => typeof design === 'string'), 'a pair without a design')
    must(Array.isArray((await loadFamilies(scratch.folder)).known), 'no families')
  },
  end: scratch.remove,
})

const pairs = surface({
  name: 'pairs-file',
  from: 'a user',
  make: (draw) => Uint8Array.from(Buffer.from(jsonLines(PAIR, draw))),
  feed: (bytes) => { must([...readPairs(bytes, 'pairs.jsonl')].every((found) => found.kind === 'left out' || found.design.design !== ''), 'a pair without a design') },
})

const LENGTH = 8
const source = { examples: 'hash', own: { epoch: 1, drawn: 2 }, replay: { epoch: 0, drawn: 0 }, drawn: 3, drawnReplay: 1, waiting: [1, 2] }
const STATE = { version: 1, steps: 5, first: new Uint8Array(4 * LENGTH), second: new Uint8Array(4 * LENGTH), source }

const optimiser = surface({
  name: 'optimiser-state',
  from: 'the disk',
  make: (draw) => encodeAnyhow(foreignValue(STATE, draw), draw),
  feed: (bytes) => {
    const { moments, source: read } = decodeState(bytes, LENGTH)
    const again = encodeState(moments, read)
    mustBeSame(encodeState(decodeState(again, LENGTH).moments, read), again)
  },
})

export const publicDataSurfaces: readonly Surface[] = [probes, pool, replay, pairs, optimiser]
