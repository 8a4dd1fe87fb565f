/**
 * The second half of `npm run build`: bundles the compiler's output into the programs that users run, in `dist/program`, and the peer of bench:network and bench:chaos by the same rules.
 *
 *   node dist/scripts/bundle.js
 */
import path from 'node:path'

import { findPackageRoot } from '../src/config/index.js'

import { bundle } from './bundle/bundle.js'
import { startedScripts } from './bundle/entries.js'

const dist = path.join(findPackageRoot(), 'dist')

/** Names of the programs; a thread's or other script's name is its place. */
const PROGRAMS: Readonly<Record<string, string>> = { [path.join('node', 'main.js')]: 'meshwright', [path.join('bootstrap', 'main.js')]: 'bootstrap' }

const entries = Object.fromEntries(startedScripts(dist).map((script) => {
  const place = path.relative(dist, script)
  return [PROGRAMS[place] ?? place.slice(0, -'.js'.length).replaceAll(path.sep, '-'), script]
}))
await bundle({ dist, entries, folder: path.join(dist, 'program') })
await bundle({ dist, entries: { peer: path.join(dist, 'scripts', 'bench', 'village', 'peer.js') }, folder: path.join(dist, 'bench-program') })
