import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import type { ExecutionContext } from 'ava'

import { freePorts } from '../../scripts/bench/village/free-ports.js'
import { findPackageRoot } from '../../src/config/index.js'

const MAIN = join(findPackageRoot(), 'dist', 'program', 'meshwright.js')
export const BOOTSTRAP = join(findPackageRoot(), 'dist', 'program', 'bootstrap.js')

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder that goes with the test. */
export function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mw-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Runs the command line to its end. @param options - `input` is what it finds on standard input */
export function meshwright(args: readonly string[], { input, ...options }: { readonly cwd?: string, readonly input?: string } = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const { stdin } = execFile(process.execPath, [MAIN, ...args], { ...options, env: { ...process.env, MESHWRIGHT_DATA: '/nowhere' }, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr })
    })
    // A program that ends before it has read all is no failure of the test.
    stdin?.on('error', () => undefined)
    if (input !== undefined) stdin?.end(input)
  })
}

export interface Running {
  readonly process: ChildProcess
  /** Everything on standard error so far. */
  log(): string
  /** Waits for text in the log. */
  says(text: string): Promise<void>
  readonly ended: Promise<number | null>
}

/** Starts a command that goes on, and ends it with the test. */
export function startMeshwright(t: ExecutionContext, args: readonly string[], main = MAIN): Running {
  const started = spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let log = ''
  const waiting = new Set<() => void>()
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      log += chunk
      for (const look of waiting) look()
    })
  }
  const ended = new Promise<number | null>((resolve) => { started.on('close', resolve) })
  t.teardown(async () => {
    started.kill('SIGKILL')
    await ended
  })
  return {
    process: started,
    ended,
    log: () => log,
    says: (text) => new Promise((resolve, reject) => {
      const look = (): void => {
        if (!log.includes(text)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
      void ended.then((code) => reject(new Error(`ended with ${String(code)} before it said "${text}":\n${log}`)))
    }),
  }
}

/** A model of some thousand weights with public data beside it: everything that a node asks of a base. */
export function tinyModel(folder: string): string {
  const model = join(folder, 'model')
  cpSync(join(findPackageRoot(), 'test', 'fixtures', 'model', 'tied-f32'), model, { recursive: true })
  const lines = (values: readonly object[]): Buffer => gzipSync(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
  const pairs = Array.from({ length: 12 }, (_, at) => ({ domain: 'verilog', family: `family-${at % 3}`, ...pairOf(at + 100) }))
  writeFileSync(join(model, 'replay.jsonl.gz'), lines(pairs))
  writeFileSync(join(model, 'probes.jsonl.gz'), lines(pairs.map(({ domain, family, specification, design }) => (
    { domain, family, specification, reference: design, nearMisses: [design.replace('~', '-'), design.replace('~', '')] }))))
  return model
}

export function pairOf(at: number): { readonly specification: string, readonly design: string } {
  const operators = ['~a', 'a + 1', 'a - 1', 'a << 1', 'a >> 1', '-a']
  const width = 2 + at
  const expression = operators[at % operators.length]!
  return {
    specification: `Module m${at}: y is ${expression}, ${width} bits.`,
    design: `module m${at}(\n  input [${width - 1}:0] a,\n  output [${width - 1}:0] y\n);\n  assign y = ${expression};\nendmodule\n`,
  }
}

/** A folder of small designs that parse, each with its specification. */
export function designFolder(folder: string, count: number): string {
  const designs = join(folder, 'designs')
  mkdirSync(designs, { recursive: true })
  for (let at = 0; at < count; at++) {
    const { specification, design } = pairOf(at)
    writeFileSync(join(designs, `m${at}.v`), design)
    writeFileSync(join(designs, `m${at}.md`), specification)
  }
  return designs
}

export interface TestNode {
  readonly folder: string
  readonly port: number
}

/** A network of nodes in folders of their own, on the tiny model, with quick rounds. */
export async function testNetwork(folder: string, names: readonly string[], policy: object = {}): Promise<ReadonlyMap<string, TestNode>> {
  const model = tinyModel(folder)
  const network = join(folder, 'network.config.json')
  const nodes = new Map<string, TestNode>()
  for (const name of names) {
    const data = join(folder, name)
    const port = await freePort()
    const designs = designFolder(data, 24)
    await succeed(['init', data, '--designs', designs, '--network', network, '--listen', `/ip4/127.0.0.1/tcp/${port}`])
    const file = join(data, 'meshwright.json')
    const { readFileSync } = await import('node:fs')
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')) as object, modelFolder: model, api: { port: 0 } }))
    nodes.set(name, { folder: data, port })
  }
  const policyFile = join(folder, 'policy.json')
  writeFileSync(policyFile, JSON.stringify({
    heartbeatMs: 500,
    roundSteps: { min: 2, target: 2, max: 2 },
    learning: { rate: 0.001, warmup: 1, replayShare: 0.25, weightDecay: 0.01, clipNorm: 1, rows: 2, rowLength: 256, outerRate: 0.7, outerMomentum: 0.6 },
    audit: { probesPerRound: 6, auditorsPerDelta: 1, everyRounds: 1 },
    ...policy,
  }))
  await succeed(['network', 'create', network, '--name', 'test', '--model', model, '--policy', policyFile, ...names.flatMap((name) => ['--founder', join(folder, name)])])
  return nodes
}

/** Runs a command that must succeed. */
export async function succeed(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<string> {
  const { code, stdout, stderr } = await meshwright(args, options)
  if (code !== 0) throw new Error(`meshwright ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

export async function freePort(): Promise<number> {
  return (await freePorts(1))[0]!
}
