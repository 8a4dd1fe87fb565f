import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import test from 'ava'
import fc from 'fast-check'

import { contentId } from '../../src/identity/index.js'
import { openStore } from '../../src/store/index.js'
import type { Store } from '../../src/store/index.js'
import { createLogger, createVirtualClock } from '../../src/telemetry/index.js'
import type { VirtualClock } from '../../src/telemetry/index.js'
import { WRITE_EVERY_MS } from '../../node/daemon/ledger/ledger-file.js'
import { Ledger } from '../../node/daemon/ledger/ledger.js'

const START = Date.UTC(2026, 0, 31)

interface Run {
  readonly ledger: Ledger
  readonly store: Store
  readonly clock: VirtualClock
  readonly warnings: readonly string[]
  /** As a node ends: everything is written. */
  end(): Promise<void>
}

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'meshwright-ledger-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function run(t: ExecutionContext, folder: string, { at = START, maximumBytes }: { readonly at?: number, readonly maximumBytes?: number } = {}): Promise<Run> {
  const store = await openStore(folder)
  const clock = createVirtualClock(at)
  const warnings: string[] = []
  const log = createLogger({ level: 'warn', write: (line) => warnings.push(line) })
  const ledger = await Ledger.open({ store, clock, log, now: () => clock.now(), nameContent: () => 'delta', ...maximumBytes === undefined ? {} : { maximumBytes } })
  t.teardown(() => store.close())
  return {
    ledger, store, clock, warnings,
    async end() {
      await ledger.close()
      await store.close()
    },
  }
}

function serve({ ledger }: Run, count: number): void {
  for (let i = 0; i < count; i++) ledger.onServed({ peer: `peer ${i}`, content: contentId(Uint8Array.of(i)), contentBytes: 100, bytes: 60 })
}

/** Lets the ledger write what it has. */
async function written({ clock, store }: Run): Promise<void> {
  await clock.advance(WRITE_EVERY_MS)
  // Uses of a name end in order; the second time, the state that follows the entries is begun.
  await store.readLog('outgoing')
  await store.readLog('outgoing')
  await store.readState('outgoing', { version: 1 })
}

/** The folder as a crash at this moment would leave it. */
async function crashed(t: ExecutionContext, folder: string): Promise<string> {
  const copy = await folderFor(t)
  await cp(folder, copy, { recursive: true })
  await rm(join(copy, 'lock'), { force: true })
  return copy
}

const numbers = async ({ ledger }: Run): Promise<number[]> => (await ledger.entries({ limit: 100_000 })).map(({ number }) => number)
const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const traffic = (bytes: number) => ({ socketBytes: bytes, plainBytes: bytes - 10, protocols: { pull: bytes - 30, ping: 5 } })

test('entries and totals outlive the run, and the next run goes on from them', async (t) => {
  const folder = await folderFor(t)
  const first = await run(t, folder)
  first.ledger.followWire(() => traffic(1000))
  serve(first, 3)
  const entries = await first.ledger.entries({ limit: 10 })
  const report = first.ledger.report()
  await first.end()

  const second = await run(t, folder, { at: START + 60_000 })
  t.deepEqual(await second.ledger.entries({ limit: 10 }), entries)
  t.deepEqual(second.ledger.report(), { ...report, runs: 2 })
  t.deepEqual(second.ledger.traffic(), { bytesSent: 0, bytesReceived: 0 })
  second.ledger.followWire(() => traffic(500))
  serve(second, 2)
  t.deepEqual(await numbers(second), upTo(5))
  t.like(second.ledger.report(), { since: START, entriesSince: START, crashes: [], servedBytes: 300, sentBytes: 1500 })
  t.is(second.ledger.traffic().bytesSent, 500)
  t.deepEqual((await second.ledger.entries({ limit: 10, since: START + 1 })).map(({ number }) => number), [4, 5])
  t.deepEqual(second.warnings, [])
})

test('after a crash, all but the last moments is there, and that they are missing is said', async (t) => {
  const folder = await folderFor(t)
  const first = await run(t, folder)
  first.ledger.followWire(() => traffic(1000))
  serve(first, 3)
  await written(first)
  serve(first, 2)
  const second = await run(t, await crashed(t, folder), { at: START + 60_000 })
  t.deepEqual(await numbers(second), upTo(3))
  t.like(second.ledger.report(), {
    since: START, entriesSince: START + 60_000, servedBytes: 180, sentBytes: 1000,
    crashes: [{ written: START + WRITE_EVERY_MS, restarted: START + 60_000 }],
  })
  serve(second, 1)
  await second.end()
  await first.end()
})

test('totals that were written before the last entries are made up for from these', async (t) => {
  const folder = await folderFor(t)
  const first = await run(t, folder)
  serve(first, 3)
  await written(first)
  const state = await readFile(join(folder, 'state', 'outgoing.cbor'))
  serve(first, 2)
  await written(first)
  const copy = await crashed(t, folder)
  await writeFile(join(copy, 'state', 'outgoing.cbor'), state)
  const second = await run(t, copy)
  t.is(second.ledger.report().totals[0]!.count, 5)
  t.is(second.ledger.report().servedBytes, 300)
  t.is(second.ledger.report().sentBytes, 300)
  await first.end()
})

test('an interval without entries does not count those before it twice', async (t) => {
  const folder = await folderFor(t)
  const first = await run(t, folder)
  serve(first, 3)
  await written(first)
  await written(first)
  const second = await run(t, await crashed(t, folder))
  t.is(second.ledger.report().totals[0]!.count, 3)
  await first.end()
})

test('a torn last write costs its own entries only', async (t) => {
  const folder = await folderFor(t)
  const first = await run(t, folder)
  serve(first, 3)
  await written(first)
  serve(first, 2)
  await first.end()
  const log = join(folder, 'logs', 'outgoing.log')
  await truncate(log, (await stat(log)).size - 7)
  const second = await run(t, folder, { at: START + 60_000 })
  t.deepEqual(await numbers(second), upTo(3))
  t.is(second.ledger.report().servedBytes, 300)
  t.is(second.warnings.filter((line) => /missing on disk.*entries=2/.test(line)).length, 1)
  serve(second, 1)
  t.deepEqual(await numbers(second), [1, 2, 3, 6])
  t.is(second.ledger.report().entriesSince, START + 60_000)
  await second.end()
  const third = await run(t, folder, { at: START + 90_000 })
  t.deepEqual(third.warnings, [])
  t.is(third.ledger.report().entriesSince, START + 60_000)
})

test('damaged totals start anew, with a warning and a copy; the entries stay', async (t) => {
  const folder = await folderFor(t)
  const first = await run(t, folder)
  serve(first, 3)
  await first.end()
  await writeFile(join(folder, 'state', 'outgoing.cbor'), 'no state')
  const second = await run(t, folder, { at: START + 60_000 })
  t.deepEqual(await numbers(second), upTo(3))
  t.like(second.ledger.report(), { since: START + 60_000, totals: [], sentBytes: 0 })
  t.is(second.warnings.length, 1)
  t.is((await readdir(join(folder, 'corrupted'))).length, 1)
  serve(second, 1)
  t.deepEqual(await numbers(second), upTo(4))
})

test('whatever the disk did to the files, the ledger opens, goes on, and keeps what comes then', async (t) => {
  const folder = await folderFor(t)
  const first = await run(t, folder)
  for (let i = 0; i < 4; i++) {
    serve(first, 3)
    await written(first)
  }
  await first.end()
  const damage = fc.record({
    file: fc.constantFrom(join('logs', 'outgoing.log'), join('state', 'outgoing.cbor')),
    at: fc.nat(),
    how: fc.oneof(fc.constant('cut' as const), fc.uint8Array({ minLength: 1, maxLength: 40 })),
  })
  await fc.assert(fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
    const copy = await crashed(t, folder)
    for (const { file, at, how } of damages) {
      const bytes = await readFile(join(copy, file))
      const from = at % (bytes.length + 1)
      if (how === 'cut') await truncate(join(copy, file), from)
      else await writeFile(join(copy, file), Buffer.concat([bytes.subarray(0, from), how, bytes.subarray(from + how.length)]))
    }
    const second = await run(t, copy, { at: START + 60_000 })
    const kept = await numbers(second)
    t.true(kept.length <= 12 && kept.every((number, i) => number > (kept[i - 1] ?? 0)))
    t.true(second.ledger.report().totals.every(({ count }) => count <= 12))
    serve(second, 2)
    const after = await numbers(second)
    await second.end()
    const third = await run(t, copy, { at: START + 90_000 })
    t.deepEqual(await numbers(third), after)
    t.true(third.ledger.report().entriesSince <= START + 60_000)
    t.deepEqual(third.warnings, [])
    await third.end()
  }), { numRuns: 40 })
})

test('the file stays bounded: the oldest entries go, the totals stay, and older ones are read from disk', async (t) => {
  const folder = await folderFor(t)
  const maximumBytes = 768 * 1024
  const first = await run(t, folder, { maximumBytes })
  for (let i = 0; i < 60; i++) {
    serve(first, 256)
    await written(first)
    t.true((await stat(join(folder, 'logs', 'outgoing.log'))).size <= maximumBytes)
  }
  const all = 60 * 256
  const kept = await numbers(first)
  t.true(kept[0]! > 1 && kept[0]! < all - 4000, `kept from ${kept[0]!} on`)
  t.deepEqual(kept, upTo(all, kept[0]))
  const { entriesSince, totals } = first.ledger.report()
  t.is(entriesSince, (await first.ledger.entries({ limit: 100_000 }))[0]!.time)
  t.is(totals[0]!.count, all)
  await first.end()
  const second = await run(t, folder, { maximumBytes })
  t.deepEqual(await numbers(second), kept)
  t.is(second.ledger.report().entriesSince, entriesSince)
  t.deepEqual(second.warnings, [])
})

test('a full disk is said once, and the ledger goes on in memory', async (t) => {
  const folder = await folderFor(t)
  // The kernel's limit on file sizes stands in for a full disk.
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -f 16; exec "$0" "$@"', process.execPath, new URL('./full-ledger.js', import.meta.url).pathname, folder], { encoding: 'utf8' })
  const { warnings, entries, served } = JSON.parse(stdout || `"${stderr}"`) as { warnings: string[], entries: number, served: number }
  t.is(warnings.length, 1, warnings.join('\n'))
  t.regex(warnings[0]!, /STORE_FULL/)
  t.is(entries, 200)
  t.is(served, 2000)
  const again = await run(t, folder)
  const kept = await numbers(again)
  t.true(kept.length > 0 && kept.length < 200)
  t.deepEqual(kept, upTo(kept.length))
})
