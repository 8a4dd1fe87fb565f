import { createHash } from 'node:crypto'

import { Cache } from '../checker/cache.js'
import { QualityError } from '../errors.js'
import { confine } from './confine.js'
import type { Reading } from './output.js'
import { readOutput } from './output.js'
import type { Sandbox, SandboxRun } from './sandbox.js'
import { MAXIMUM_OUTPUT_BYTES } from './sandbox.js'
import type { Target } from './structure.js'
import { asDesign, structureOf, stubOf } from './structure.js'

/** A testbench and what belongs to it. */
export interface Bench {
  readonly testbench: string
  readonly reference: string | undefined
  /** Texts that testbench and reference open by name. */
  readonly files: Readonly<Record<string, string>>
}

/** A testbench with a design for it. */
export interface BenchAndDesign extends Bench {
  readonly candidate: string
}

type Fitting = Extract<Target, { readonly top: string }>

/** Compiling a testbench is tried once, not for every design. */
const REMEMBERED_BENCHES = 512

/** The first step's report: what the design looks like behind the preprocessor. Nothing else is there for it to include. */
const PREPROCESS = `iverilog -g2012 -E -o out /job/candidate.sv >log 2>&1
printf '\\001preprocess %d\\n' $? >&3
head -c 16000 log | tr -d '\\001' >&3
[ -f out ] && cat out`

const compile = (stage: string, options: string, files: string): string => `iverilog -g2012 ${options} ${files} >log 2>&1 3>&-
rc=$?; printf '\\001${stage} %d\\n' $rc >&3
head -c 16000 log | tr -d '\\001' >&3
[ $rc = 0 ] || exit 0`

/** What the steps of a script came to. */
type Stages = ReadonlyMap<string, { readonly code: number, readonly log: string }>

/**
 * Runs testbenches with Icarus Verilog in a sandbox. Design and testbench are first compiled apart, so that it is known whose fault it is
 * where something does not compile.
 */
export class Simulation {
  readonly #benches = new Cache<string>(REMEMBERED_BENCHES)

  constructor(private readonly sandbox: Sandbox, private readonly timeoutMs: number) {}

  /** @throws QualityError CHECKER_ABORTED */
  run(bench: BenchAndDesign, target: Fitting, signal?: AbortSignal): Promise<Reading> {
    return unlessBroken(this.#check(bench, target, signal))
  }

  /**
   * Whether testbench and reference are any good, as far as that can be told without a design.
   *
   * @throws QualityError CHECKER_ABORTED
   */
  examine(bench: Bench, target: Fitting, signal?: AbortSignal): Promise<Reading> {
    return unlessBroken(this.#benchFault(bench, target, signal).then((wrong): Reading => wrong === '' ? { outcome: 'pass', reason: 'the testbench compiles' } : { outcome: 'fail', reason: wrong }))
  }

  async #check(bench: BenchAndDesign, target: Fitting, signal: AbortSignal | undefined): Promise<Reading> {
    const wrong = await this.#benchFault(bench, target, signal)
    if (wrong !== '') return { outcome: 'unknown', reason: wrong, isBenchAtFault: true }
    const design = await this.#preprocess(bench.candidate, signal)
    if ('outcome' in design) return design
    const confined = confine(design.text)
    if ('refused' in confined) return { outcome: 'fail', reason: confined.refused }
    const reached = target.roots.find((name) => new RegExp(`(?<![\\w$.\\\\])${name}\\s*\\.\\s*[\\w\\\\]`).test(confined.text))
    if (reached !== undefined) return { outcome: 'fail', reason: `the design reaches into the testbench (${reached})` }
    if (!structureOf(confined.text).defined.has(target.top)) return { outcome: 'fail', reason: `the design defines no module "${target.top}"` }
    const { run, stages } = await this.#simulate(bench, target, confined.text, signal)
    return this.#judge(bench, target, run, stages, signal)
  }

  async #judge(bench: BenchAndDesign, target: Fitting, run: SandboxRun, stages: Stages, signal: AbortSignal | undefined): Promise<Reading> {
    const ranOut = run.ended !== 'by itself' || [...stages.values()].some(({ code }) => isOutOfTime(code))
    const [alone, whole, simulated] = ['alone', 'whole', 'run'].map((name) => stages.get(name))
    // Each step either ends the script or is followed by the next.
    if (!ranOut && (!alone || !whole && alone.code === 0 || whole?.code === 0 && !simulated)) throw new SandboxFailure(lastLine(run.errors) ?? 'its script ended early')
    if (!alone || alone.code !== 0 && !this.#borrows(alone.log, bench, target)) return { outcome: 'fail', reason: compileFault('the design', alone, run) }
    if (!whole) return { outcome: 'fail', reason: compileFault('the design', undefined, run) }
    if (whole.code !== 0) {
      const fault = await this.#fitFault(bench, target, firstError(whole.log), signal)
      return fault === undefined ? { outcome: 'fail', reason: `the design does not fit the testbench: ${firstError(whole.log)}` } : { outcome: 'unknown', reason: fault, isBenchAtFault: true }
    }
    if (run.ended === 'too loud') return { outcome: 'fail', reason: `the simulation printed more than ${MAXIMUM_OUTPUT_BYTES >> 10} KiB` }
    if (run.ended === 'too slow' || !simulated || isOutOfTime(simulated.code)) {
      if (await this.#referenceHangs(bench, target, signal)) return { outcome: 'unknown', reason: `the testbench does not end within ${this.timeoutMs} ms, with its own reference either` }
      return { outcome: 'fail', reason: `the simulation did not end within ${this.timeoutMs} ms` }
    }
    if (simulated.code === FILE_TOO_LONG) return { outcome: 'fail', reason: 'the simulation wrote more than a file may hold' }
    if (simulated.code >= 128) {
      if (/bad_alloc|out of memory/i.test(run.errors)) return { outcome: 'fail', reason: 'the simulation takes more memory than a simulator may have' }
      return { outcome: 'unknown', reason: `the simulator broke down with signal ${simulated.code - 128}: ${lastLine(run.errors) ?? 'no reason given'}` }
    }
    return readOutput(run.output, simulated.code, bench.testbench)
  }

  /** What is wrong with the testbench or the reference themselves; empty where nothing is. */
  async #benchFault(bench: Bench, target: Fitting, signal: AbortSignal | undefined): Promise<string> {
    const key = hashOf([bench.testbench, bench.reference ?? '', target.top])
    const known = this.#benches.get(key)
    if (known !== undefined) return known
    const parts = ['testbench.sv', ...target.needsReference ? ['reference.sv'] : []]
    const { stages, run } = await this.#script(compile('bench', `${rootOptions(target)} -o bench`, parts.map(inJob).join(' ')), textsOf(bench), bench, signal)
    const stage = stages.get('bench')
    const fault = stage?.code === 0 || stage !== undefined && missesOnly(stage.log, [target.top])
      ? ''
      : compileFault(stage !== undefined && /^reference\.sv/m.test(stage.log) ? 'the reference' : 'the testbench', stage, run)
    this.#benches.set(key, fault)
    return fault
  }

  async #preprocess(candidate: string, signal: AbortSignal | undefined): Promise<{ readonly text: string } | Reading> {
    const { run, stages } = await this.#script(PREPROCESS, { 'candidate.sv': candidate }, undefined, signal)
    if (run.ended === 'too loud') return { outcome: 'fail', reason: `the design is longer than ${MAXIMUM_OUTPUT_BYTES >> 10} KiB once its macros are expanded` }
    const stage = stages.get('preprocess')
    if (stage?.code !== 0) return { outcome: 'fail', reason: compileFault('the design', stage, run) }
    return { text: run.output }
  }

  async #simulate(bench: Bench, target: Fitting, design: string, signal: AbortSignal | undefined): Promise<{ readonly run: SandboxRun, readonly stages: Stages }> {
    const parts = ['testbench.sv', ...target.needsReference ? ['reference.sv'] : [], 'design.sv']
    // Alone, a design finds nothing of the testbench to reach into. One that needs modules of the suite is compiled with it all the same.
    const alone = compile('alone', `-s ${target.top} -t null -o alone`, inJob('design.sv')).replace('[ $rc = 0 ] || exit 0', '[ $rc = 0 ] || grep -q "Unknown module type" log || exit 0')
    return this.#script(`${alone}
${compile('whole', `${rootOptions(target)} -o bench`, parts.map(inJob).join(' '))}
vvp -n bench -none 3>&-
printf '\\001run %d\\n' $? >&3`, { ...textsOf(bench), 'design.sv': design }, bench, signal)
  }

  /** Whether what a design misses when it is alone is part of the suite: such a design is not refused for it. */
  #borrows(log: string, { testbench, reference }: Bench, target: Fitting): boolean {
    return missesOnly(log, [...structureOf(testbench).defined, ...target.needsReference ? structureOf(reference ?? '').defined : []])
  }

  /** Where the testbench does not compile with its own reference either, or has the same error with a module that has nothing but its ports, the design is not to blame. */
  async #fitFault(bench: Bench, target: Fitting, error: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const known = bench.reference === undefined ? undefined : asDesign(bench.reference, bench.testbench, target.top)
    if (known !== undefined) {
      const { stages } = await this.#simulate(bench, target, known, signal)
      const whole = stages.get('whole')
      return whole !== undefined && whole.code !== 0 ? `the testbench does not compile with its own reference either: ${firstError(whole.log)}` : undefined
    }
    const { stages } = await this.#simulate(bench, target, stubOf(bench.testbench, target.top), signal)
    const whole = stages.get('whole')
    return whole !== undefined && whole.code !== 0 && firstError(whole.log) === error ? `the testbench does not compile: ${error}` : undefined
  }

  async #referenceHangs(bench: Bench, target: Fitting, signal: AbortSignal | undefined): Promise<boolean> {
    const known = bench.reference === undefined ? undefined : asDesign(bench.reference, bench.testbench, target.top)
    if (known === undefined) return false
    const { run, stages } = await this.#simulate(bench, target, known, signal)
    const code = stages.get('run')?.code
    return run.ended === 'too slow' || code !== undefined && isOutOfTime(code)
  }

  async #script(script: string, files: Readonly<Record<string, string>>, bench: Bench | undefined, signal: AbortSignal | undefined): Promise<{ readonly run: SandboxRun, readonly stages: Stages }> {
    const data = bench?.files ?? {}
    const run = await this.sandbox.run({ script: `printf '\\001start 0\\n' >&3\n${script}`, files: { ...data, ...files }, data: Object.keys(data), cpuMs: this.timeoutMs, signal })
    if (run.ended === 'given up') throw new QualityError('CHECKER_ABORTED', 'the check was given up')
    const stages = new Map(run.report.split('\u0001').slice(1).map((part) => {
      const [, name = '', code = ''] = /^(\w+) (\d+)\n/.exec(part) ?? []
      return [name, { code: Number(code), log: part.slice(part.indexOf('\n') + 1).replaceAll('/job/', '') }]
    }))
    const starved = [...stages.values()].find(({ log }) => /Cannot fork|Resource temporarily unavailable/.test(log))
    if (!stages.has('start') || starved) throw new SandboxFailure(lastLine(run.errors) ?? (starved === undefined ? 'it did not start' : firstError(starved.log)))
    return { run, stages }
  }
}

/** The sandbox did not come up, as on a machine that has no room for another process; that says nothing of any design. */
class SandboxFailure extends Error {
  override readonly name = 'SandboxFailure'
}

async function unlessBroken(reading: Promise<Reading>): Promise<Reading> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof SandboxFailure) return { outcome: 'unknown', reason: `the sandbox broke down: ${error.message}` }
    throw error
  }
}

/** Signals of the limits on processor time, as a shell tells them: the soft and the hard one. */
const isOutOfTime = (code: number): boolean => code === 128 + 24 || code === 128 + 9
const FILE_TOO_LONG = 128 + 25

const inJob = (name: string): string => `/job/${name}`
const rootOptions = ({ roots }: Fitting): string => roots.map((name) => `-s ${name}`).join(' ')
const hashOf = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')
const lastLine = (text: string): string | undefined => text.trim().split('\n').at(-1)?.slice(0, 200) || undefined

function textsOf({ testbench, reference }: Bench): Record<string, string> {
  return { 'testbench.sv': testbench, ...reference === undefined ? {} : { 'reference.sv': reference } }
}

/** Whether a log complains of nothing but missing modules of these names. */
function missesOnly(log: string, names: readonly string[]): boolean {
  const complaints = log.split('\n').filter((line) => /error|sorry|internal/i.test(line) && !/error\(s\) during elaboration/.test(line))
  return complaints.length > 0 && complaints.every((line) => names.includes(/error: Unknown module type: (\S+)$/.exec(line)?.[1] ?? ''))
}

/** The first error of the compiler, as a person would say it. */
function firstError(log: string): string {
  const lines = log.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const found = lines.find((line) => /error:|sorry:|syntax error|Include file|assert/i.test(line)) ?? lines[0] ?? 'the compiler gave no reason'
  return found.replace(/^(?:testbench|reference|design|candidate)\.sv:(\d+):\s*/, 'line $1: ').replace(/``|''/g, '"').slice(0, 300)
}

function compileFault(what: string, stage: { readonly code: number, readonly log: string } | undefined, { ended, errors }: SandboxRun): string {
  if (ended === 'too slow' || stage !== undefined && isOutOfTime(stage.code)) return `${what} takes too long to compile`
  if (stage === undefined) return `${what} could not be compiled: ${lastLine(errors) ?? 'no reason given'}`
  return `${what} does not compile: ${firstError(stage.log)}`
}
