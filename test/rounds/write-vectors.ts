import { writeFile } from 'node:fs/promises'

import { buildVectors, VECTORS_FILE } from './vectors.js'

// Run after a change of the protocol that is meant: node dist/test/rounds/write-vectors.js
await writeFile(VECTORS_FILE, `${JSON.stringify(await buildVectors(), null, 1)}\n`)
