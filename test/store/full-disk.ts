/** Runs under a limit of 8 KiB a file, and prints what writes beyond it end with. */
import { openStore, StoreError } from '../../src/store/index.js'

// The default is to die of it.
process.on('SIGXFSZ', () => undefined)

const store = await openStore(process.argv[2]!)
const large = new Uint8Array(100_000)
const attempts: readonly [string, () => Promise<unknown>][] = [
  ['state', () => store.writeState('round', 1, large)],
  ['blob', () => store.putBlob(large)],
  ['log', () => store.appendLog('audit', large)],
]
for (const [what, write] of attempts) {
  try {
    await write()
    process.stdout.write(`${what} written\n`)
  } catch (error) {
    process.stdout.write(`${what} ${error instanceof StoreError ? error.code : String(error)}\n`)
  }
}
await store.appendLog('audit', 'after')
await store.close()
