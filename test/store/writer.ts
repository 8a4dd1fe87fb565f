/** Writes state, a blob and a log entry again and again, and tells its parent each time; it is killed in between. */
import { openStore } from '../../src/store/index.js'

const [directory, start] = process.argv.slice(2)
const store = await openStore(directory!)

for (let count = Number(start); ; count++) {
  await store.putBlob(new Uint8Array(200_000).fill(count % 256))
  await store.appendLog('counter', count)
  await store.appendLog('bounded', { count, padding: new Uint8Array(1000) }, { maximumBytes: 3000 })
  await store.writeState('counter', 1, { count, padding: new Uint8Array(100_000) })
  process.send!(count)
}
