import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { LedgerFile } from '../../../node/daemon/ledger/ledger-file.js'
import { KeptCorpusIndex } from '../../../node/serving/kept-corpus-index.js'
import { KeptHistory } from '../../../node/serving/kept-history.js'
import { contentId, decodeCanonical, encodeCanonical, loadIdentity } from '../../../src/identity/index.js'
import { indexedDraft } from '../../../src/inference/drafts/corpus-draft.js'
import { indexCorpus } from '../../../src/inference/drafts/corpus-index.js'
import { History } from '../../../src/inference/drafts/history.js'
import { Blobs } from '../../../src/store/blobs.js'
import { acquireLock } from '../../../src/store/lock.js'
import { Logs } from '../../../src/store/logs.js'
import { States } from '../../../src/store/states.js'
import type { LedgerFileOptions } from '../../../node/daemon/ledger/ledger-file.js'
import { createVirtualClock, silentLogger } from '../../../src/telemetry/index.js'

import type { Draw } from '../draw.js'
import { encodeAnyhow } from '../loose-cbor.js'
import { foreignBytes } from '../mutate-bytes.js'
import { foreignText } from '../mutate-text.js'
import { foreignValue } from '../mutate-values.js'
import { Scratch } from '../scratch.js'
import { must, mustBeSame, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const VALUE = { round: 5, half: 0.5, bytes: new Uint8Array(10) }
const scratch = new Scratch('store')

async function folders(): Promise<{ readonly folder: string, readonly corrupted: string }> {
  const [folder, corrupted] = [path.join(scratch.folder, 'kept'), path.join(scratch.folder, 'corrupted')]
  await mkdir(folder, { recursive: true })
  await mkdir(corrupted, { recursive: true })
  return { folder, corrupted }
}

function stateFile(draw: Draw): Uint8Array {
  const payload = encodeAnyhow(foreignValue(VALUE, draw), draw)
  const file = [1, draw.pick([1, 1, 1, 0, 2, -1]), contentId(payload), payload]
  return draw.chance(0.5) ? encodeAnyhow(draw.chance(0.7) ? file : foreignValue(file, draw), draw) : foreignBytes(encodeCanonical(file), draw)
}

const state = surface({
  name: 'store-state',
  from: 'the disk',
  make: stateFile,
  feed: async (bytes) => {
    const { folder, corrupted } = await folders()
    await writeFile(path.join(folder, 'one.cbor'), bytes)
    const states = new States(folder, corrupted)
    const value = await states.read('one', { version: 1 })
    must(value !== undefined, 'a state that is there was not read')
    encodeCanonical(value, { fractions: true })
  },
  end: scratch.remove,
})

/** Entries whose hashes hold, of any payload, and damage to them. */
function logFile(draw: Draw): Uint8Array {
  const entries = Array.from({ length: 1 + draw.below(4) }, () => {
    const payload = draw.chance(0.7) ? encodeCanonical(VALUE, { fractions: true }) : encodeAnyhow(foreignValue(VALUE, draw), draw)
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, payload.length, true)
    return Buffer.concat([length, Buffer.from(contentId(payload), 'hex').subarray(0, 8), payload])
  })
  const bytes = Uint8Array.from(Buffer.concat(entries))
  return draw.chance(0.6) ? foreignBytes(bytes, draw) : bytes
}

/** Whatever is in the file: what is whole at its beginning can be read, and new entries are added after it. */
const log = surface({
  name: 'store-log',
  from: 'the disk',
  make: logFile,
  feed: async (bytes) => {
    const { folder, corrupted } = await folders()
    await writeFile(path.join(folder, 'one.log'), bytes)
    const logs = new Logs(folder, corrupted)
    try {
      const before = await logs.read('one')
      await logs.append('one', 'new')
      const after = await logs.read('one')
      must(after.length === before.length + 1 && after.at(-1) === 'new', 'a log does not take a new entry')
    } finally {
      await logs.close()
    }
  },
  end: scratch.remove,
})

const CONTENT = new Uint8Array(200).fill(7)
const CONTENT_ID = contentId(CONTENT)

const blob = surface({
  name: 'store-blob',
  from: 'the disk',
  make: (draw) => foreignBytes(CONTENT, draw),
  feed: async (bytes) => {
    const { folder, corrupted } = await folders()
    const blobs = new Blobs(folder, corrupted)
    await mkdir(path.join(folder, CONTENT_ID.slice(0, 2)), { recursive: true })
    await writeFile(path.join(folder, CONTENT_ID.slice(0, 2), CONTENT_ID), bytes)
    mustBeSame((await blobs.get(CONTENT_ID))!, CONTENT)
  },
  end: scratch.remove,
})

const HOLDER = JSON.stringify({ pid: 2 ** 22 + 1, host: 'another host', started: 'boot/1', token: 'aa' })

/** A lock file that no running process holds is taken over, whatever it says; one that names another machine is not. */
const lock = surface({
  name: 'store-lock',
  from: 'the disk',
  make: (draw) => foreignText([HOLDER, HOLDER.replace('another host', ''), JSON.stringify({ pid: -1 })], ['{', '}', '"', ':', ',', '0', '-', '1e99', 'null', '"pid":'], draw),
  feed: async (text) => {
    const { folder } = await folders()
    await writeFile(path.join(folder, 'lock'), text)
    const held = await acquireLock(folder)
    await held.release()
  },
  end: scratch.remove,
})

const SEED = 'meshwright-ed25519-1 ' + '0f'.repeat(32) + '\n'

const keyFile = surface({
  name: 'identity-key',
  from: 'the disk',
  make: (draw) => foreignText([SEED], ['0', 'f', 'G', ' ', '\n', 'meshwright-ed25519-1 ', '\r'], draw),
  feed: async (text) => {
    await writeFile(path.join(scratch.folder, 'identity.key'), text)
    must((await loadIdentity(scratch.folder)).publicKey.length === 32, 'a key of another length')
  },
  end: scratch.remove,
})

const TIME = 1_700_000_000_000
const ENTRY = [1, TIME, 0, 'heartbeat', 'topic', 3, 500, new Uint8Array(32), null]
const LEDGER_STATE = {
  since: TIME, written: TIME + 5000, next: 3, unbroken: 1, runs: 2, ended: false, crashes: [{ written: TIME, restarted: TIME + 1 }],
  totals: [{ kind: 'heartbeat', action: 'sent', count: 2, bytes: 1000, sentBytes: 3000 }], wire: { socketBytes: 9000, plainBytes: 8000, protocols: { gossip: 7000, hello: 100 } },
}

/** What the store could give back of a value. */
function storable(value: unknown): unknown {
  try {
    return decodeCanonical(encodeCanonical(value, { fractions: true }), { fractions: true })
  } catch {
    return null
  }
}

/** The ledger opens with whatever the store gives it, counts on, and what it writes can be read again. */
const ledger = surface({
  name: 'ledger',
  from: 'the disk',
  make: (draw) => ({ state: storable(foreignValue(LEDGER_STATE, draw)), log: Array.from({ length: draw.below(4) }, () => storable(foreignValue([ENTRY, [2, ...ENTRY.slice(1)]], draw))) }),
  feed: async (kept) => {
    const written = new Map<string, unknown>()
    const store: LedgerFileOptions['store'] = {
      readState: () => Promise.resolve(kept.state),
      readLog: () => Promise.resolve(kept.log),
      writeState: (name, _, value) => Promise.resolve(void written.set(name, encodeCanonical(value, { fractions: true }))),
      appendLog: (_, value) => Promise.resolve(encodeCanonical(value, { fractions: true }).length * 0),
    }
    const clock = createVirtualClock(TIME)
    const { file, entries } = await LedgerFile.open({ store, clock, log: silentLogger, now: () => clock.now() })
    must(entries.every(({ number }) => number < file.next), 'the next entry has a number that was given before')
    await file.start(() => file.before)
    file.add({ number: file.next, time: TIME, action: 'sent', kind: 'vote', to: 'topic', recipients: 1, bytes: 10, hash: '00' })
    await file.close()
    must(written.has('outgoing'), 'the totals were not written')
  },
})

const TEXT = { version: 1, model: 'm', texts: [{ prompt: Uint8Array.of(5, 0, 0, 0), design: Uint8Array.of(5, 0, 0, 0, 6, 0, 0, 0, 5, 0, 0, 0) }] }
const SEGMENTS = indexCorpus([[1, 2, 1, 2, 3], [4]], []).segments.map(({ documents, tokens, order }) => (
  { documents: [...documents], tokens: new Uint8Array(tokens.buffer), order: new Uint8Array(order.buffer) }))

/** Drafts open with whatever the store gives them, and what they propose are tokens. */
const drafts = surface({
  name: 'drafts',
  from: 'the disk',
  make: (draw) => ({ index: storable(foreignValue(SEGMENTS, draw)), log: Array.from({ length: draw.below(4) }, () => storable(foreignValue(TEXT, draw))) }),
  feed: async (kept) => {
    const store = {
      readState: () => Promise.resolve(kept.index),
      writeState: () => Promise.resolve(),
      readLog: () => Promise.resolve(kept.log),
      appendLog: () => Promise.resolve(0),
    }
    const history = await KeptHistory.open({ store, model: 'm', vocabularySize: 10, log: silentLogger })
    const written = new History()
    for (const text of history.texts) written.add(text)
    const corpus = indexedDraft(await new KeptCorpusIndex(store, silentLogger).read())
    for (const draft of [corpus, ...written.drafts]) {
      const { tokens } = draft.propose([4, 1, 2], 8)
      must(tokens.every((token) => Number.isSafeInteger(token) && token >= 0), 'something else than tokens was proposed')
    }
  },
})

export const storeSurfaces: readonly Surface[] = [state, log, blob, lock, keyFile, ledger, drafts]
