import { Command, InvalidArgumentError, Option } from 'commander'

import type { ModelWriter } from '../../evaluation/model-writer.js'
import type { RunProgress } from '../../evaluation/run.js'
import { collect, collectPaths, dataOption, jsonOption, number, path, whole } from '../options.js'
import { print, printJson } from '../output.js'

interface EvalOptions {
  readonly data?: string
  readonly suite: readonly string[]
  readonly filter?: readonly string[]
  readonly adapter?: 'base' | 'network' | 'local' | 'personal'
  readonly references: boolean
  readonly n: number
  readonly k?: readonly number[]
  readonly temperature?: number
  readonly seed: number
  readonly maxTokens: number
  readonly concurrency: number
  readonly out: string
  readonly resume: boolean
  readonly checker?: string
  readonly json: boolean
}

/** How models are usually sampled for pass@k with more than one sample. */
const USUAL_TEMPERATURE = 0.8
/** Where progress is no line that is written over: one of it every so often. Milliseconds. */
const PROGRESS_MS = 10_000

export function evalCommand(): Command {
  return new Command('eval')
    .description('Measure a model on suites of problems: write designs, have testbenches or references decide, and estimate pass@k.')
    .addOption(dataOption())
    .requiredOption('--suite <path>', 'a folder of VerilogEval 2 or RTLLM, or a .jsonl file of our own form; may be repeated', collectPaths)
    .option('--filter <text>', 'only problems whose name or category holds this; may be repeated', collect)
    .addOption(new Option('--adapter <adapter>', 'which model (default: personal, else network, else base)').choices(['base', 'network', 'local', 'personal']))
    .option('--references', 'judge the suite\'s own references instead of a model: shows what can be decided here', false)
    .option('--n <number>', 'samples a problem', whole(1, 1000), 1)
    .option('--k <numbers>', 'for which pass@k is estimated (default: 1, and 5 where --n is 5 or more)', numbers)
    .option('--temperature <number>', 'how samples are drawn (default: 0, the likeliest design, for one sample, else 0.8)', number(0, 10))
    .option('--seed <number>', 'of a problem\'s first sample; the same seed draws the same designs', whole(-(2 ** 31), 2 ** 31), 0)
    .option('--max-tokens <number>', 'the longest design', whole(1, 65_536), 768)
    .option('--concurrency <number>', 'samples that are written or judged at a time', whole(1, 64), 4)
    .option('--out <folder>', 'where results are kept', path, path('evaluation'))
    .option('--resume', 'go on with the evaluation in the folder', false)
    .option('--checker <socket>', 'use the checkers of `meshwright check`', path)
    .addOption(jsonOption())
    .addHelpText('after', `
Testbenches run with iverilog, in a sandbox of bubblewrap; without these two packages, equivalence with the reference decides where there is one.
Every sample is kept in <out>/samples.jsonl as soon as it is judged; a run that was cut off goes on with --resume and repeats nothing.

Examples:
  $ meshwright eval --suite verilog-eval/dataset_spec-to-rtl --adapter base --out base-results
  $ meshwright eval --data alice --suite RTLLM --suite own.jsonl --n 10 --k 1,5 --out alice-results
  $ meshwright eval --suite RTLLM --references --out what-can-be-decided`)
    .action(runEval)
}

async function runEval(options: EvalOptions): Promise<void> {
  const { data, suite, filter = [], adapter, references, n, seed, maxTokens, concurrency, out, resume, checker: socket, json } = options
  const { dataFolderOf, loadSettings } = await import('../../settings/settings.js')
  const { Checkers } = await import('../../daemon/checkers.js')
  const { stopSignal } = await import('../../daemon/signals.js')
  const { evaluateSuites, problemsOf } = await import('../../evaluation/evaluate-suites.js')
  const { NodeError } = await import('../../errors.js')
  const { evaluationLines } = await import('../evaluation-lines.js')
  const temperature = options.temperature ?? (n === 1 || references ? 0 : USUAL_TEMPERATURE)
  const ks = options.k ?? (n >= 5 ? [1, 5] : [1])
  const tooLarge = ks.find((k) => k > n)
  if (tooLarge !== undefined) throw new NodeError('USAGE_INVALID', `pass@${tooLarge} takes at least ${tooLarge} samples a problem: raise --n, or leave ${tooLarge} out of --k`)
  if (temperature === 0 && n > 1 && !references) throw new NodeError('USAGE_INVALID', `${n} samples at temperature 0 are all the same: raise --temperature, or leave --n out`)
  if (references && adapter !== undefined) throw new NodeError('USAGE_INVALID', '--references judges no model: leave --adapter out')
  const problems = await problemsOf({ suites: suite, filter })
  const settings = await loadSettings(dataFolderOf(data))
  const checkers = new Checkers(settings.checkers, socket)
  const controller = new AbortController()
  void stopSignal().then(() => controller.abort(new NodeError('EVALUATION_FAILED', `stopped; what is done is kept: add --resume to go on with ${out}`)))
  try {
    const source = references ? await referenceSource() : await modelSource()
    try {
      const plan = { suites: suite, filter, samples: n, ks, temperature, seed, maximumTokens: maxTokens, concurrency, folder: out, resume }
      const { summary, file } = await evaluateSuites(problems, plan, { writer: source.writer, model: source.model, checker: checkers.get(), signal: controller.signal, onProgress: await showProgress() })
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      if (json) printJson(summary)
      else print(...evaluationLines(summary, ks), '', `Every sample is in ${out}; the summary is ${file}`)
    } finally {
      // A thread must not be ended within a run of ONNX Runtime.
      controller.abort()
      await source.close()
    }
  } finally {
    await checkers.close()
  }

  async function modelSource(): Promise<Pick<ModelWriter, 'writer' | 'close'> & { readonly model: Readonly<Record<string, unknown>> }> {
    const { openModelWriter } = await import('../../evaluation/model-writer.js')
    return openModelWriter(settings, { adapter, temperature, maximumTokens: maxTokens, checker: checkers.get })
  }

  async function referenceSource(): ReturnType<typeof modelSource> {
    const { referenceWriter } = await import('../../evaluation/writer.js')
    return { writer: referenceWriter, model: { references: true }, close: () => Promise.resolve() }
  }
}

async function showProgress(): Promise<(progress: RunProgress) => void> {
  const { progressText } = await import('../evaluation-lines.js')
  const begun = performance.now()
  let said = begun
  return (progress) => {
    const now = performance.now()
    const text = progressText(progress, now - begun)
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
    else if (now - said >= PROGRESS_MS) {
      said = now
      process.stderr.write(`${text}\n`)
    }
  }
}

function numbers(text: string): readonly number[] {
  const values = text.split(',').map((part) => whole(1, 1000)(part.trim()))
  if (new Set(values).size !== values.length) throw new InvalidArgumentError('Name each number once.')
  return values.sort((x, y) => x - y)
}
