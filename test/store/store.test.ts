import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import test from 'ava'
import fc from 'fast-check'

import { contentId } from '../../src/identity/index.js'
import { openStore, StoreError } from '../../src/store/index.js'
import type { Store } from '../../src/store/index.js'

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'meshwright-store-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  return path
}

async function opened(t: ExecutionContext, directory?: string): Promise<Store> {
  const store = await openStore(directory ?? await folder(t))
  t.teardown(() => store.close())
  return store
}

const version = { version: 1 }
const state = (store: Store, name: string): string => join(store.directory, 'state', `${name}.cbor`)

test('state comes back as it was written, also after the store was closed', async (t) => {
  const directory = await folder(t)
  const store = await openStore(directory)
  const value = { round: 7, rate: 0.001, roster: ['a', 'b'], hash: new Uint8Array([1, 2]), none: null, deep: { yes: true } }
  t.is(await store.readState('round', version), undefined)
  await store.writeState('round', 1, value)
  t.deepEqual(await store.readState('round', version), value)
  await store.close()
  const again = await opened(t, directory)
  t.deepEqual(await again.readState('round', version), value)
  await again.deleteState('round')
  t.is(await again.readState('round', version), undefined)
})

test('of writes to one name the last wins, whatever their sizes', async (t) => {
  const store = await opened(t)
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 6 }), async (sizes) => {
    await Promise.all(sizes.map((size, i) => store.writeState('busy', 1, { i, bytes: new Uint8Array(size) })))
    t.like(await store.readState('busy', version), { i: sizes.length - 1 })
  }), { numRuns: 20 })
})

test('a state of an older version is carried over, and one of a later version asks for an update', async (t) => {
  const store = await opened(t)
  await store.writeState('round', 1, { term: 3 })
  t.deepEqual(await store.readState('round', { version: 2, migrate: (value, from) => ({ value, from }) }), { value: { term: 3 }, from: 1 })
  await t.throwsAsync(store.readState('round', { version: 2 }), { instanceOf: StoreError, code: 'STATE_VERSION_UNKNOWN' })
  await store.writeState('round', 3, {})
  await t.throwsAsync(store.readState('round', { version: 2, migrate: () => 0 }), { instanceOf: StoreError, code: 'STATE_VERSION_UNKNOWN', message: /update/ })
})

test('a damaged state is moved aside and reported, and nothing else is lost', async (t) => {
  const store = await opened(t)
  await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, by, cut) => {
    await store.writeState('good', 1, 'kept')
    await store.writeState('bad', 1, { value: 'x'.repeat(50) })
    const bytes = await readFile(state(store, 'bad'))
    if (cut) await truncate(state(store, 'bad'), at % bytes.length)
    else await writeFile(state(store, 'bad'), bytes.map((byte, i) => i === at % bytes.length ? byte ^ by : byte))
    const damaged = await readFile(state(store, 'bad'))
    const error = await store.readState('bad', version).then(() => undefined, (thrown: unknown) => thrown)
    // A changed version byte is no damage that a hash could show.
    if (error instanceof StoreError && error.code === 'STATE_VERSION_UNKNOWN') return
    t.true(error instanceof StoreError && error.code === 'STATE_CORRUPTED', String(error))
    const aside = /moved to (\S+):/.exec((error as StoreError).message)![1]!
    t.deepEqual(await readFile(aside), damaged)
    t.is(await store.readState('bad', version), undefined)
    t.is(await store.readState('good', version), 'kept')
  }), { numRuns: 60 })
})

test('bytes are kept by their hash, once', async (t) => {
  const store = await opened(t)
  const bytes = new Uint8Array(100_000).fill(3)
  const [id, same] = await Promise.all([store.putBlob(bytes), store.putBlob(bytes)])
  t.is(id, contentId(bytes))
  t.is(same, id)
  t.deepEqual(new Uint8Array((await store.getBlob(id))!), bytes)
  t.true(await store.hasBlob(id))
  t.deepEqual(await store.listBlobs(), [id])
  await store.deleteBlob(id)
  await store.deleteBlob(id)
  t.false(await store.hasBlob(id))
  t.is(await store.getBlob(id), undefined)
  t.deepEqual(await store.listBlobs(), [])
})

test('a damaged blob is moved aside and reported, and can be put again', async (t) => {
  const store = await opened(t)
  const bytes = new Uint8Array(1000)
  const id = await store.putBlob(bytes)
  await writeFile(join(store.directory, 'blobs', id.slice(0, 2), id), new Uint8Array(1000).fill(1))
  await t.throwsAsync(store.getBlob(id), { instanceOf: StoreError, code: 'BLOB_CORRUPTED' })
  t.is(await store.getBlob(id), undefined)
  await store.putBlob(bytes)
  t.is((await store.getBlob(id))?.length, 1000)
  t.is((await readdir(join(store.directory, 'corrupted'))).length, 1)
})

test('a log gives back its entries in order, after a crash all but a torn last one', async (t) => {
  const directory = await folder(t)
  const store = await openStore(directory)
  t.deepEqual(await store.readLog('audit'), [])
  await Promise.all([1, 2, 3].map((entry) => store.appendLog('audit', { entry })))
  t.deepEqual(await store.readLog('audit'), [{ entry: 1 }, { entry: 2 }, { entry: 3 }])
  await store.close()
  const file = join(directory, 'logs', 'audit.log')
  const whole = await readFile(file)
  for (const torn of [whole.length - 1, whole.length - 10, whole.length / 3 * 2 + 2]) {
    await writeFile(file, whole.subarray(0, torn))
    const again = await openStore(directory)
    t.deepEqual(await again.readLog('audit'), [{ entry: 1 }, { entry: 2 }])
    await again.appendLog('audit', 'next')
    t.deepEqual(await again.readLog('audit'), [{ entry: 1 }, { entry: 2 }, 'next'])
    await again.close()
  }
})

test('a bounded log is cut to its newer half where it would grow beyond, and says how much went', async (t) => {
  const directory = await folder(t)
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 25 }), async (sizes) => {
    const name = `bounded-${sizes.join('-')}`.slice(0, 100)
    const store = await openStore(directory)
    const before = (await store.readLog(name)).length
    let cut = 0
    for (const [i, size] of sizes.entries()) {
      cut += await store.appendLog(name, { i, bytes: new Uint8Array(size) }, { maximumBytes: 1000 })
      t.true((await stat(join(directory, 'logs', `${name}.log`))).size <= 1000)
    }
    const kept = await store.readLog(name) as { i: number }[]
    t.is(kept.length, before + sizes.length - cut)
    t.is(kept.at(-1)!.i, sizes.length - 1)
    await store.close()
    const again = await openStore(directory)
    t.deepEqual(await again.readLog(name), kept)
    await again.close()
  }), { numRuns: 25 })
})

test('reading a bounded log while it is cut gives whole entries in order', async (t) => {
  const store = await opened(t)
  const reads = await Promise.all(Array.from({ length: 60 }, async (_, i) => {
    await store.appendLog('busy', { i, bytes: new Uint8Array(100) }, { maximumBytes: 1000 })
    return await store.readLog('busy') as { i: number }[]
  }))
  for (const entries of reads) {
    t.true(entries.length > 0)
    t.deepEqual(entries.map(({ i }) => i), entries.map((_, at) => entries[0]!.i + at))
  }
})

test('a log damaged in its middle keeps what is before, and a copy of all', async (t) => {
  const directory = await folder(t)
  const store = await openStore(directory)
  for (const entry of [1, 2, 3]) await store.appendLog('audit', { entry })
  await store.close()
  const file = join(directory, 'logs', 'audit.log')
  const whole = await readFile(file)
  whole[Math.floor(whole.length / 2)]! ^= 1
  await writeFile(file, whole)
  const again = await opened(t, directory)
  t.deepEqual(await again.readLog('audit'), [{ entry: 1 }])
  const [copy] = await readdir(join(directory, 'corrupted'))
  t.deepEqual(await readFile(join(directory, 'corrupted', copy!)), whole)
})

test('a log with an entry that another program wrote gives what is before it, takes new ones, and leaves a copy', async (t) => {
  const store = await opened(t)
  await store.appendLog('log', 'one')
  await store.close()
  const payload = Uint8Array.of(0x18, 1)
  const frame = Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), Buffer.from(contentId(payload), 'hex').subarray(0, 8), payload])
  await appendFile(join(store.directory, 'logs', 'log.log'), frame)
  const again = await opened(t, store.directory)
  t.deepEqual(await again.readLog('log'), ['one'])
  await again.appendLog('log', 'two')
  t.deepEqual(await again.readLog('log'), ['one', 'two'])
  t.is((await readdir(join(store.directory, 'corrupted'))).length, 1)
})

test('a folder is opened by one store at a time', async (t) => {
  const directory = await folder(t)
  const store = await openStore(directory)
  await t.throwsAsync(openStore(directory), { instanceOf: StoreError, code: 'STORE_IN_USE', message: new RegExp(`process ${process.pid}`) })
  await store.close()
  await store.close()
  await t.notThrowsAsync(opened(t, directory))
})

test('of many that open at once, one wins', async (t) => {
  const directory = await folder(t)
  await writeFile(join(directory, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: '', token: 'dead' }))
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => openStore(directory)))
  const winners = results.filter((result) => result.status === 'fulfilled')
  t.is(winners.length, 1)
  await winners[0]!.value.close()
})

for (const [what, lock] of [
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: '', token: 'dead' })],
  ['a process whose number another one has now', JSON.stringify({ pid: process.pid, host: hostname(), started: 'long ago', token: 'dead' })],
  ['a crash in the middle', '{"pid":'],
] as const) {
  test(`the lock of ${what} is taken over`, async (t) => {
    const directory = await folder(t)
    await writeFile(join(directory, 'lock'), lock)
    await t.notThrowsAsync(opened(t, directory))
  })
}

test('the lock of another machine is respected while it is fresh', async (t) => {
  const directory = await folder(t)
  await writeFile(join(directory, 'lock'), JSON.stringify({ pid: 1, host: 'another machine', started: '', token: 'x' }))
  await t.throwsAsync(openStore(directory), { instanceOf: StoreError, code: 'STORE_IN_USE', message: /another machine/ })
})

test('names that could leave the folder are refused, and a closed store says so', async (t) => {
  const store = await opened(t)
  for (const name of ['../x', '', 'a/b', '.hidden', 'x'.repeat(101)]) {
    await t.throwsAsync(store.writeState(name, 1, 0), { instanceOf: StoreError, code: 'STORE_NAME_INVALID' })
  }
  await t.throwsAsync(store.getBlob('../../etc/passwd'), { code: 'STORE_NAME_INVALID' })
  await store.close()
  await t.throwsAsync(store.writeState('x', 1, 0), { instanceOf: StoreError, code: 'STORE_CLOSED' })
})

test('a folder that cannot be made is reported as unwritable', async (t) => {
  const directory = await folder(t)
  await writeFile(join(directory, 'file'), '')
  await t.throwsAsync(openStore(join(directory, 'file', 'data')), { instanceOf: StoreError, code: 'STORE_UNWRITABLE' })
})

test('what a crash left half written is cleared away', async (t) => {
  const directory = await folder(t)
  await (await openStore(directory)).close()
  await appendFile(join(directory, 'state', 'round.cbor.abc.tmp'), 'half')
  await opened(t, directory)
  t.deepEqual(await readdir(join(directory, 'state')), [])
})

const writer = new URL('./writer.js', import.meta.url)

test('whenever the process is killed, all that was acknowledged is there, and nothing is damaged', async (t) => {
  const directory = await folder(t)
  let acknowledged = -1
  for (let kill = 0; kill < 12; kill++) {
    const child = fork(writer, [directory, String(acknowledged + 1)])
    const exited = once(child, 'exit')
    child.on('message', (count: number) => { acknowledged = count })
    await once(child, 'message')
    // Any moment will do: the kills fall at different steps of a write.
    setTimeout(() => child.kill('SIGKILL'), (kill * 7) % 40)
    await exited
    const store = await openStore(directory)
    const read = await store.readState('counter', version) as { count: number, padding: Uint8Array }
    t.true(read.count === acknowledged || read.count === acknowledged + 1, `state ${read.count}, acknowledged ${acknowledged}`)
    const log = await store.readLog('counter') as number[]
    t.true(log.length >= acknowledged + 1 && log.length <= acknowledged + 3)
    t.deepEqual(log.slice(0, acknowledged + 1), Array.from({ length: acknowledged + 1 }, (_, i) => i))
    const bounded = await store.readLog('bounded') as { count: number }[]
    t.true(bounded.length > 0 && bounded.at(-1)!.count >= acknowledged)
    // One that a kill kept from being written is not made up for.
    t.true(bounded.every(({ count }, i) => i === 0 || [1, 2].includes(count - bounded[i - 1]!.count)))
    for (const id of await store.listBlobs()) t.not(await store.getBlob(id), undefined)
    t.deepEqual(await readdir(join(directory, 'corrupted')), [])
    // What the last, unacknowledged writes did is made one again before the next child goes on.
    await store.writeState('counter', 1, { ...read, count: log.length - 1 })
    acknowledged = log.length - 1
    await store.close()
  }
  t.true(acknowledged > 12)
})

test('a full disk is reported, and what was there before is unchanged', async (t) => {
  const directory = await folder(t)
  const store = await openStore(directory)
  await store.writeState('round', 1, 'before')
  await store.appendLog('audit', 'before')
  await store.close()
  // The kernel's limit on file sizes stands in for a full disk: both give a short write first, then an error.
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -f 16; exec "$0" "$@"', process.execPath, new URL('./full-disk.js', import.meta.url).pathname, directory], { encoding: 'utf8' })
  t.deepEqual(stdout.trim().split('\n'), ['state STORE_FULL', 'blob STORE_FULL', 'log STORE_FULL'], stderr)
  const again = await opened(t, directory)
  t.is(await again.readState('round', version), 'before')
  t.deepEqual(await again.readLog('audit'), ['before', 'after'])
  t.deepEqual(await again.listBlobs(), [])
})
