/** Writes a ledger under a limit of 8 KiB a file, and prints its warnings and what it still knows. */
import { contentId } from '../../src/identity/index.js'
import { openStore } from '../../src/store/index.js'
import { createLogger, createVirtualClock } from '../../src/telemetry/index.js'
import { WRITE_EVERY_MS } from '../../node/daemon/ledger/ledger-file.js'
import { Ledger } from '../../node/daemon/ledger/ledger.js'

// The default is to die of it.
process.on('SIGXFSZ', () => undefined)

const store = await openStore(process.argv[2]!)
const clock = createVirtualClock()
const warnings: string[] = []
const log = createLogger({ level: 'warn', write: (line) => warnings.push(line) })
const ledger = await Ledger.open({ store, clock, log, now: Date.now, nameContent: () => 'record' })
for (let i = 0; i < 200; i++) {
  ledger.onServed({ peer: 'bob', content: contentId(Uint8Array.of(i)), contentBytes: 10, bytes: 10 })
  if (i % 40 !== 39) continue
  await clock.advance(WRITE_EVERY_MS)
  // The writes of a store end in order, so this one ends after the ledger's.
  await store.readLog('outgoing')
}
await ledger.close()
process.stdout.write(JSON.stringify({ warnings, entries: (await ledger.entries({ limit: 1000 })).length, served: ledger.report().servedBytes }))
await store.close()
