import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { ConfigError } from './errors.js'

/**
 * The folder of meshwright's own package.json, where the embedded model and the testnet's configuration lie.
 *
 * @throws ConfigError PACKAGE_ROOT_MISSING
 */
export function findPackageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url))
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (existsSync(file)) {
      const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
      if (typeof content === 'object' && content !== null && 'name' in content && content.name === 'meshwright') return folder
    }
    if (dirname(folder) === folder) {
      throw new ConfigError('PACKAGE_ROOT_MISSING', `no folder above ${start} holds meshwright's package.json: install the package whole`)
    }
  }
}
