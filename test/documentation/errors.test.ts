import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import test from 'ava'

import { findPackageRoot } from '../../src/config/index.js'

const root = findPackageRoot()
const CODE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'/g

const sources = ['src', 'node'].flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => path.join(entry.parentPath, entry.name)))
const codesIn = (files: readonly string[]): Set<string> => new Set(files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(CODE)].map(([, code]) => code!)))

const documented = readFileSync(path.join(root, 'docs', 'reference', 'errors.md'), 'utf8')
const listed = [...documented.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, code]) => code!)

test('every declared error code is listed with what to do', (t) => {
  const declared = new Set([...codesIn(sources.filter((file) => /errors?\.ts$/.test(file)))].filter((code) => code.includes('_')))
  t.true(declared.size > 100)
  for (const code of declared) t.true(listed.includes(code), `${code} is missing in docs/reference/errors.md`)
})

test('no code is listed that the sources do not know, and none twice', (t) => {
  const known = codesIn(sources)
  for (const code of listed) t.true(known.has(code) || code === 'INTERNAL', `${code} is listed and unknown`)
  t.is(new Set(listed).size, listed.length)
})
