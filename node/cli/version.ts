import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { findPackageRoot } from '../../src/config/index.js'

export function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(join(findPackageRoot(), 'package.json'), 'utf8'))
  return typeof content === 'object' && content !== null && 'version' in content ? String(content.version) : 'unknown'
}
