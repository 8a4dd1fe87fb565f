/**
 * bench:learning: what a network of six peers learns, beside its base, each peer alone, all data in one place, and damaged peers.
 *
 *   node dist/scripts/bench/learning.js [--json]                      run what is missing, judge it, report
 *   node dist/scripts/bench/learning.js --train --shard 1/8           only train and ask, a share of the arms (anywhere; arms are independent)
 *   node dist/scripts/bench/learning.js --only disjoint-1-network-d0  one arm; may be repeated
 *   node dist/scripts/bench/learning.js --no-personal                 leave the personal models out, which take as long as all the rest of their arm
 *   node dist/scripts/bench/learning.js --from FILE                   take the arms of an earlier report as run; may be repeated
 *   node dist/scripts/bench/learning.js --keep                        write docs/benchmarks/learning.json, or learning-part.json while arms are missing
 *
 * Answers lie in build/learning/answers, counts in build/learning/counts; an arm that is there is not run again. Remove the folder to begin anew.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual, parseArgs, promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

import { readBase } from '../../node/daemon/base-model.js'
import { findPackageRoot } from '../../src/config/index.js'
import { openChecker } from '../../src/quality/index.js'
import { allArms, armName } from './learning/arms.js'
import type { Arm } from './learning/arms.js'
import type { ArmResult, PersonalCounts } from './learning/counts.js'
import { openEngine, RECIPE } from './learning/engine.js'
import { learningFigures } from './learning/figures.js'
import { AnswerJudge } from './learning/judge.js'
import { runArm } from './learning/run-arm.js'
import type { ArmAnswers } from './learning/run-arm.js'
import { readSplit } from './learning/split.js'
import { benchmarkReport, commit, machine, say } from './report.js'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    train: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    'no-personal': { type: 'boolean', default: false },
    shard: { type: 'string', default: '1/1' },
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string', multiple: true },
    from: { type: 'string', multiple: true, default: [] },
    threads: { type: 'string', default: '2' },
    folder: { type: 'string', default: 'build/learning' },
    model: { type: 'string', default: path.join(findPackageRoot(), 'models', 'embedded') },
  },
})

const answersFolder = path.join(options.folder, 'answers')
const countsFolder = path.join(options.folder, 'counts')
await mkdir(answersFolder, { recursive: true })
await mkdir(countsFolder, { recursive: true })
const split = await readSplit(options.model)
/** What all arms of a report have in common: arms of another base or recipe must not be mixed with them. */
const setting = { base: (await readBase(options.model)).contentId, recipe: RECIPE }
const [shard, shards] = options.shard.split('/').map(Number)
const arms = allArms(options.seeds.split(',').map(Number)).filter((arm) => options.only?.includes(armName(arm)) ?? true)

for (const file of options.from) await takeOver(file)
await train(arms.filter((_, at) => at % shards! === shard! - 1))
if (!options.train) {
  const results = await judge(arms)
  const figures = learningFigures(results, split)
  for (const [name, value] of Object.entries(figures)) say(`${name.padEnd(44)} ${value.toFixed(3)}`)
  const report = benchmarkReport('learning', figures, { ...setting, arms: results, split, missing: arms.length - results.length })
  const kept = results.length === allArms().length ? 'learning.json' : 'learning-part.json'
  if (options.keep) await writeFile(path.join(findPackageRoot(), 'docs', 'benchmarks', kept), `${JSON.stringify(report)}\n`)
  if (options.json) console.log(JSON.stringify(report))
}

/** The counts of another run's arms, unless they are here already: a full run takes longer than one sitting. */
async function takeOver(file: string): Promise<void> {
  const { details } = JSON.parse(await readFile(file, 'utf8')) as { details: { base: string, recipe: object, arms: ArmResult[] } }
  const { base, recipe } = details
  if (!isDeepStrictEqual({ base, recipe }, setting)) throw new Error(`${file} was measured on another base or with another recipe: run its arms anew`)
  for (const result of details.arms.filter(({ arm }) => !existsSync(countsFile(arm)))) await writeFile(countsFile(result.arm), JSON.stringify(result))
}

async function train(mine: readonly Arm[]): Promise<void> {
  const missing = mine.filter((arm) => !existsSync(answersFile(arm)) && !existsSync(countsFile(arm)))
  if (missing.length === 0) return
  const threads = Number(options.threads)
  const engine = await openEngine(options.model, threads)
  for (const arm of missing) {
    const name = armName(arm)
    say(`${name}: started`)
    const answers = await runArm(arm, { engine, split, threads, personal: !options['no-personal'], say: (text) => say(`${name}: ${text}`) })
    await writeFile(answersFile(arm), await promisify(gzip)(JSON.stringify({ machine: machine(), commit: commit(), ...answers } satisfies ArmAnswers)))
    say(`${name}: done in ${answers.seconds.toFixed(0)} s`)
  }
  await engine.close()
}

async function judge(wanted: readonly Arm[]): Promise<ArmResult[]> {
  const checker = openChecker({ workers: 2, timeoutMs: 10_000 })
  const judging = new AnswerJudge(checker, path.join(options.folder, 'verdicts.txt'))
  const results: ArmResult[] = []
  for (const arm of wanted) {
    if (existsSync(countsFile(arm))) {
      results.push(JSON.parse(await readFile(countsFile(arm), 'utf8')) as ArmResult)
    } else if (existsSync(answersFile(arm))) {
      const answers = JSON.parse((await promisify(gunzip)(await readFile(answersFile(arm)))).toString('utf8')) as ArmAnswers
      const result = await counted(answers, judging)
      await writeFile(countsFile(arm), JSON.stringify(result))
      results.push(result)
      say(`${armName(arm)}: judged`)
    }
  }
  await checker.close()
  return results
}

async function counted({ models, personal, ...rest }: ArmAnswers, judging: AnswerJudge): Promise<ArmResult> {
  const counts = []
  for (const answers of models) counts.push(await judging.counts(answers))
  if (!personal) return { ...rest, models: counts }
  const own: PersonalCounts[] = []
  for (const { peer, chosen, network, local, personal: mine } of personal) {
    own.push({ peer, chosen, network: await judging.count(network), local: await judging.count(local), personal: await judging.count(mine) })
  }
  return { ...rest, models: counts, personal: own }
}

function answersFile(arm: Arm): string {
  return path.join(answersFolder, `${armName(arm)}.json.gz`)
}

function countsFile(arm: Arm): string {
  return path.join(countsFolder, `${armName(arm)}.json`)
}
