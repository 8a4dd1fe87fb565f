/**
 * The private-corpus room on designs that people use: four processor cores from the Python packages that scripts/interop/setup.sh installs, and, where
 * MESHWRIGHT_BENCH names a folder with rtllm/ and qasmbench-small/, on those. Not part of `npm test`.
 * MESHWRIGHT_PYTHON names the Python; without it, that of scripts/interop/setup.sh is used.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import test from 'ava'
import type { ExecutionContext } from 'ava'

import { findPackageRoot } from '../../src/config/index.js'
import { scanCorpus } from '../../src/corpus/index.js'
import type { Corpus, CorpusReport, Example, Reason } from '../../src/corpus/index.js'
import { openChecker } from '../../src/quality/index.js'

interface Core {
  readonly name: string
  /** Examples kept at least: four fifths of what was measured when this was written. */
  readonly kept: number
  /** Designs left out because the checker does not read them, at most. */
  readonly unread: number
  /** Modules that only parse if packages, included files, macros or other modules of the core are found. */
  readonly modules: readonly string[]
}

const CORES: readonly Core[] = [
  { name: 'picorv32', kept: 16, unread: 6, modules: ['picorv32_pcpi_mul', 'picorv32_pcpi_div', 'picorv32_axi_adapter', 'picosoc', 'simpleuart'] },
  { name: 'serv', kept: 42, unread: 2, modules: ['serv_alu', 'serv_ctrl', 'servant_timer', 'serving'] },
  { name: 'ibex', kept: 110, unread: 24, modules: ['ibex_branch_predict', 'ibex_counter', 'prim_mubi4_dec', 'prim_flop', 'prim_intr_hw'] },
  { name: 'cv32e40p', kept: 70, unread: 22, modules: ['cv32e40p_int_controller', 'cv32e40p_hwloop_regs', 'cdc_2phase', 'fifo_v2', 'spill_register'] },
]

/** Files without a design, by the reason they are counted under. Other reasons are about designs. */
const OF_FILES: readonly Reason[] = ['unreadable', 'too large', 'not text', 'no design']
/** Written apart from those of src/corpus/secrets.ts. */
const PRIVATE = {
  'e-mail address': /[^\s@<>()"':;,]+@(?:[\w-]+\.)+[a-z]{2,}\b/i,
  'key block': /-----BEGIN|ssh-(?:rsa|ed25519) AAAA/,
  'long hexadecimal key': /(?<![\w'])[0-9a-f]{40,}(?![\w'])/i,
  token: /\b(?:AKIA|ghp_|glpat-|xox[bp]-)[\w-]{12,}/,
}
const LEGAL = /copyright|licen[cs]e|warrant(?:y|ies)|all rights reserved|merchantab|"as is"|spdx|redistribut|hereby granted|liabilit/i

const checker = openChecker({ workers: 2 })
const folders = new Map<string, string>()
const links = mkdtempSync(path.join(os.tmpdir(), 'meshwright-cores-'))

test.before(() => {
  const python = process.env.MESHWRIGHT_PYTHON ?? path.join(findPackageRoot(), 'build', 'interop', 'venv', 'bin', 'python')
  for (const { name } of CORES) {
    folders.set(name, execFileSync(python, ['-c', `import pythondata_cpu_${name} as core; print(core.data_location)`], { encoding: 'utf8' }).trim())
  }
})

test.after.always(async () => {
  rmSync(links, { recursive: true })
  await checker.close()
})

for (const { name, kept, unread, modules } of CORES) {
  test.serial(`${name}: a corpus without secrets, licences and copies, in which every file is accounted for`, async (t) => {
    t.timeout(240_000)
    const folder = folders.get(name)!
    const { examples, report } = await soundlyScanned(t, folder)
    t.true(report.kept >= kept, `${report.kept} kept`)
    t.true(leftOut(report, 'does not parse', 'part missing', 'not checked') <= unread)
    t.is(report.specifications.derived, report.kept)
    t.deepEqual(modules.filter((module) => !examples.some(({ design }) => new RegExp(`^module\\s+${module}\\b`).test(design))), [])
    for (const { design, source, specification } of examples) {
      t.regex(design, /^(?:macro)?module\b[\s\S]*\bendmodule\b[^\n]*\n$/, source)
      t.is(design.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '').match(/\bendmodule\b/g)?.length, 1, source)
      t.regex(specification, /^Verilog module \w+\. .*\bPorts: (?:input|output|inout|\w+\.\w+) /, source)
    }

    // The same files once more under another name: nothing is added, and what was found is found again, in the same order.
    const link = path.join(links, name)
    symlinkSync(folder, link)
    const twice = await scanCorpus([folder, link], { checker })
    t.deepEqual(twice.examples, examples)
    t.is(twice.report.files, 2 * report.files)
    t.true(leftOut(twice.report, 'duplicate') >= report.kept)
    isAccountedFor(t, folder, twice.report, 2)
  })
}

test.serial('the cores hold addresses in their comments, so that there is something to remove', async (t) => {
  const folder = folders.get('cv32e40p')!
  t.true(designFiles(folder).some((file) => PRIVATE['e-mail address'].test(readFileSync(file, 'latin1'))))
  const { report } = await scanCorpus([path.join(folder, 'rtl')], { checker })
  t.true(report.redactedComments > 100)
})

/** Scans a folder, with the checks that hold for any. */
async function soundlyScanned(t: ExecutionContext, folder: string): Promise<Corpus> {
  const corpus = await scanCorpus([folder], { checker })
  logReport(t, corpus)
  isAccountedFor(t, folder, corpus.report)
  isClean(t, corpus.examples)
  return corpus
}

const bench = process.env.MESHWRIGHT_BENCH
if (bench !== undefined) {
  test.serial('rtllm: designs with the specifications beside them, without their test benches', async (t) => {
    t.timeout(120_000)
    const { examples, report } = await soundlyScanned(t, path.join(bench, 'rtllm'))
    t.true(report.kept >= 46, `${report.kept} kept`)
    t.true(report.specifications.given >= 40)
    t.true(leftOut(report, 'test bench') >= 45)
    t.deepEqual(examples.filter(({ source }) => source.endsWith('testbench.v')), [])
  })

  test.serial('qasmbench: circuits of which something is said', async (t) => {
    t.timeout(120_000)
    const { examples, report } = await soundlyScanned(t, path.join(bench, 'qasmbench-small'))
    t.true(report.kept >= 14, `${report.kept} kept`)
    t.is(report.byDomain.qasm, report.kept)
    for (const { design, specification } of examples) {
      t.true(design.includes('OPENQASM'))
      t.regex(specification, /^OpenQASM [23] circuit on \w+\[\d+\].*\. \S/)
    }
  })
}

function logReport(t: ExecutionContext, { report }: Corpus): void {
  const reasons = Object.entries(report.leftOut).map(([reason, count]) => `${count} ${reason}`)
  t.log(`${report.files} files, ${report.designs} designs: ${report.kept} kept, ${reasons.join(', ')}; ${report.redactedComments} comments redacted`)
}

function leftOut(report: CorpusReport, ...reasons: readonly Reason[]): number {
  return reasons.reduce((sum, reason) => sum + (report.leftOut[reason] ?? 0), 0)
}

/** What was found is kept or left out for a reason, each design and each file once. */
function isAccountedFor(t: ExecutionContext, folder: string, report: CorpusReport, times = 1): void {
  const all = Object.values(report.leftOut).reduce((sum, count) => sum + count, 0)
  const files = designFiles(folder)
  t.is(report.files, times * files.length)
  t.is(report.kept + all - leftOut(report, ...OF_FILES), report.designs)
  t.is(report.files - leftOut(report, ...OF_FILES), times * files.filter(holdsDesign).length)
}

function isClean(t: ExecutionContext, examples: readonly Example[]): void {
  t.is(new Set(examples.map(({ id }) => id)).size, examples.length)
  for (const { source, specification, design } of examples) {
    for (const [kind, pattern] of Object.entries(PRIVATE)) t.is(pattern.exec(`${specification}\n${design}`)?.[0], undefined, `${source}: ${kind}`)
    t.is(LEGAL.exec(specification.replace(/ (?:Parameters|Ports): [\s\S]*$/, ''))?.[0], undefined, source)
  }
}

/** Found apart from src/corpus/sources.ts. */
function designFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:s?vh?|qasm3?|jsonl)$/i.test(entry.name) && !/[\\/](?:build|obj_dir|node_modules)(?:[\\/]|$)/.test(path.relative(folder, entry.parentPath)))
    .map((entry) => path.join(entry.parentPath, entry.name))
}

function holdsDesign(file: string): boolean {
  const code = readFileSync(file, 'latin1').replace(/"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
  return file.endsWith('.qasm') ? code.length < 1 << 20 && /\bOPENQASM\b/.test(code) : /\bmodule\b[\s\S]*\bendmodule\b/.test(code)
}
