import { writeFile } from 'node:fs/promises'

import { buildVectors, VECTORS_FILE } from './vectors.js'

// Run by hand, only when the protocol's arithmetic changes on purpose: all peers of a network must change with it.
await writeFile(VECTORS_FILE, `${JSON.stringify(buildVectors(), null, 1)}\n`)
