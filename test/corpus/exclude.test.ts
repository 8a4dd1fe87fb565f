import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { ExecutionContext } from 'ava'
import test from 'ava'

import { loadDesigns } from '../../node/daemon/designs.js'
import { CorpusError, scanCorpus } from '../../src/corpus/index.js'
import { openChecker } from '../../src/quality/index.js'
import { openStore } from '../../src/store/index.js'
import { silentLogger } from '../../src/telemetry/index.js'

const checker = openChecker({ workers: 1 })
test.after.always(() => checker.close())

const design = (name: string, operator: string): string => `// ${name} gives ${operator} of its input, bit by bit.\nmodule ${name}(input [3:0] a, output [3:0] y);\n  assign y = ${operator};\nendmodule\n`

function folderWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mw-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

const FILES = {
  'inverter.v': design('inverter', '~a'),
  'vendor/twice.v': design('twice', 'a << 1'),
  'vendor/deep/half.v': design('half', 'a >> 1'),
  'blocks/next.v': design('next', 'a + 1'),
  'blocks/next_old.v': design('previous', 'a - 1'),
}

test('excluded files are counted as such, and nothing of them is learned from', async (t) => {
  const folder = folderWith(t, FILES)
  const { examples, report } = await scanCorpus([folder], { checker, exclude: ['vendor/**', '**/*_old.v'] })
  t.deepEqual(examples.map(({ source }) => source), ['blocks/next.v', 'inverter.v'])
  t.is(report.files, 2)
  t.is(report.leftOut.excluded, 3)
  const all = await scanCorpus([folder], { checker })
  t.is(all.report.files, 5)
  t.is(all.report.leftOut.excluded, undefined)
})

test('patterns are relative to each folder, and to the folder of a single file', async (t) => {
  const first = folderWith(t, { 'a/inverter.v': FILES['inverter.v'], 'b/next.v': FILES['blocks/next.v'] })
  const second = folderWith(t, { 'a/twice.v': FILES['vendor/twice.v'], 'half.v': FILES['vendor/deep/half.v'] })
  const { examples } = await scanCorpus([first, second], { checker, exclude: ['a'] })
  t.deepEqual(examples.map(({ source }) => source), ['b/next.v', 'half.v'])
  const error = await t.throwsAsync(scanCorpus([join(second, 'half.v')], { checker, exclude: ['half.v'] }), { instanceOf: CorpusError })
  t.is(error.code, 'CORPUS_EMPTY')
  t.regex(error.message, /1 more are excluded/)
})

test('a specification that is excluded is not read', async (t) => {
  const folder = folderWith(t, { 'inverter.v': FILES['inverter.v'], 'inverter.md': 'Secret words of the customer.' })
  const given = await scanCorpus([folder], { checker })
  t.is(given.examples[0]!.specification, 'Secret words of the customer.')
  const { examples: [example] } = await scanCorpus([folder], { checker, exclude: ['*.md'] })
  t.false(example!.specification.includes('Secret'))
})

test('a pattern that is none stops the scan before anything is read', async (t) => {
  await t.throwsAsync(scanCorpus(['/nowhere'], { checker, exclude: ['{a'] }), { instanceOf: CorpusError, code: 'CORPUS_PATTERN_INVALID' })
})

test('a node scans again when its patterns change, and does not when only excluded files do', async (t) => {
  const folder = folderWith(t, FILES)
  const store = await openStore(folderWith(t, {}))
  let scans = 0
  const load = (exclude: readonly string[]) => loadDesigns({
    folders: [folder], exclude, domain: 'verilog', store, log: silentLogger, signal: new AbortController().signal,
    checker: () => {
      scans += 1
      return checker
    },
  })
  t.is((await load([])).report.kept, 5)
  t.is((await load(['vendor'])).report.kept, 3)
  t.is(scans, 2)
  writeFileSync(join(folder, 'vendor', 'twice.v'), design('twice', 'a << 2'))
  t.is((await load(['vendor'])).report.kept, 3)
  t.is(scans, 2)
  await store.close()
})
