/**
 * bench:learning: what a network of six peers learns, beside its base, each peer alone, all data in one place, and damaged peers.
 *
 *   node dist/scripts/bench/learning.js [--json]                      run what is missing, report
 *   node dist/scripts/bench/learning.js --until train                 only train what is missing; --until ask also lets the models write their answers
 *   node dist/scripts/bench/learning.js --shard 1/8                   a share of the arms: they are independent of each other and of the machine
 *   node dist/scripts/bench/learning.js --only disjoint-1-network-d0  one arm; may be repeated
 *   node dist/scripts/bench/learning.js --from FILE                   take the arms of an earlier report as run; may be repeated
 *   node dist/scripts/bench/learning.js --keep                        write docs/benchmarks/learning.json (learning-part.json while arms are missing), and the picture
 *
 * Models lie in build/learning/models, answers in answers, counts in counts; what is there is not made again. Remove the folder to begin anew.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

import { readBase } from '../../node/daemon/base-model.js'
import { findPackageRoot } from '../../src/config/index.js'
import { openChecker } from '../../src/quality/index.js'
import { writeAtomically } from '../../src/store/index.js'
import type { Checker } from '../../src/quality/index.js'
import { calledWith } from '../command/command.js'
import { flag, oneOf, parsed, text, texts, whole } from '../command/kinds.js'
import { allArms, armName, networkArm } from './learning/arms.js'
import type { Arm } from './learning/arms.js'
import type { ArmResult } from './learning/counts.js'
import { openEngine, RECIPE } from './learning/engine.js'
import type { Engine } from './learning/engine.js'
import { learningFigures } from './learning/figures.js'
import { AnswerJudge } from './learning/judge.js'
import { readModels, writeModels } from './learning/kept-models.js'
import type { ArmModels } from './learning/kept-models.js'
import { learningPicture } from './learning/picture.js'
import { askArm, trainArm } from './learning/run-arm.js'
import type { ArmAnswers, ArmOptions } from './learning/run-arm.js'
import { readSplit } from './learning/split.js'
import { benchmarkReport, commit, keepReport, machine, say } from './report.js'

const STAGES = ['train', 'ask', 'judge'] as const

const options = calledWith({
  call: 'npm run bench:learning --',
  about: 'What a network of six peers learns, beside its base, each peer alone, all data in one place, and damaged peers. What lies in the folder is not made again.',
  options: {
    until: oneOf(STAGES, 'how far it goes: to models, to their answers, or to the verdicts on these', 'judge'),
    shard: parsed('part/parts', 'a share of the arms: they are independent of each other', '1/1', 'a part and how many there are, such as 1/8', shardOf),
    seeds: parsed('numbers', 'of the arms', '1,2,3', 'whole numbers from 1 up, with commas between them', seedsOf),
    only: texts('arm', 'one arm, such as disjoint-1-network-d0; may be repeated'),
    from: texts('file', 'an earlier report whose arms are taken as run; may be repeated'),
    threads: whole('threads of the model', 2, 1),
    folder: text('folder', 'where models, answers and counts are kept', 'build/learning'),
    model: text('folder', 'the base model', path.join(findPackageRoot(), 'models', 'embedded')),
    keep: flag('write docs/benchmarks/learning.json (learning-part.json while arms are missing), and the picture'),
    json: flag('print the report as a line of JSON'),
  },
  examples: ['--until train --shard 1/8', '--only disjoint-1-network-d0'],
})

const last = STAGES.indexOf(options.until)
for (const kept of ['models', 'answers', 'counts']) await mkdir(path.join(options.folder, kept), { recursive: true })
const { threads } = options
const split = await readSplit(options.model)
/** What all arms of a report have in common: arms of another base or recipe must not be mixed with them. */
const setting = { base: (await readBase(options.model)).contentId, recipe: RECIPE }
let opened: Checker | undefined
const checker = (): Checker => opened ??= openChecker({ workers: 2, timeoutMs: 10_000 })
const { part, parts } = options.shard
const arms = allArms(options.seeds)
  .filter((arm) => options.only.length === 0 || options.only.includes(armName(arm)))
  .filter((_, at) => at % parts === part - 1)

for (const file of options.from) await takeOver(file)
const unanswered = arms.filter((arm) => !existsSync(countsFile(arm)) && !existsSync(answersFile(arm)))
if (unanswered.length > 0) {
  const engine = await openEngine(options.model, threads)
  for (const arm of unanswered) await answer(arm, engine)
  await engine.close()
}
if (last === STAGES.indexOf('judge')) {
  const results = await judge(arms)
  const figures = learningFigures(results, split)
  for (const [name, value] of Object.entries(figures)) say(`${name.padEnd(44)} ${value.toFixed(3)}`)
  const report = benchmarkReport('learning', figures, { ...setting, arms: results, split, missing: arms.length - results.length })
  if (options.keep) {
    await keepReport(report, { file: results.length === allArms().length ? 'learning' : 'learning-part' })
    await writeFile(path.join(findPackageRoot(), 'docs', 'benchmarks', 'learning.svg'), learningPicture(results, split))
  }
  if (options.json) console.log(JSON.stringify(report))
}
await opened?.close()

/** The counts of another run's arms, unless they are here already: a full run takes longer than one sitting. */
async function takeOver(file: string): Promise<void> {
  const { details } = JSON.parse(await readFile(file, 'utf8')) as { details: { base: string, recipe: object, arms: ArmResult[] } }
  const { base, recipe } = details
  if (!isDeepStrictEqual({ base, recipe }, setting)) throw new Error(`${file} was measured on another base or with another recipe: run its arms anew`)
  for (const result of details.arms.filter(({ arm }) => !existsSync(countsFile(arm)))) await writeAtomically(countsFile(result.arm), Buffer.from(JSON.stringify(result)))
}

async function answer(arm: Arm, engine: Engine): Promise<void> {
  const models = await modelsOf(arm, engine)
  if (last < STAGES.indexOf('ask')) return
  const answers = await askArm(models, armOptions(arm, engine))
  await writeAtomically(answersFile(arm), await promisify(gzip)(JSON.stringify(answers)))
  say(`${armName(arm)}: asked`)
}

/** Kept ones, or newly trained. */
async function modelsOf(arm: Arm, engine: Engine): Promise<ArmModels> {
  const file = path.join(options.folder, 'models', armName(arm))
  const kept = await readModels(file)
  if (kept) return kept
  const network = async (): Promise<Float32Array> => (await modelsOf(networkArm(arm), engine)).adapters[0]!
  const trained = await trainArm(arm, armOptions(arm, engine), network)
  const models = { machine: machine(), commit: commit(), ...trained }
  await writeModels(file, models)
  say(`${armName(arm)}: trained in ${trained.seconds.toFixed(0)} s`)
  return models
}

function armOptions(arm: Arm, engine: Engine): ArmOptions {
  return { engine, split, threads, checker, say: (text) => say(`${armName(arm)}: ${text}`) }
}

async function judge(wanted: readonly Arm[]): Promise<ArmResult[]> {
  const judging = new AnswerJudge(checker(), path.join(options.folder, 'verdicts.txt'))
  const results: ArmResult[] = []
  for (const arm of wanted) {
    if (existsSync(countsFile(arm))) {
      results.push(JSON.parse(await readFile(countsFile(arm), 'utf8')) as ArmResult)
    } else if (existsSync(answersFile(arm))) {
      const answers = JSON.parse((await promisify(gunzip)(await readFile(answersFile(arm)))).toString('utf8')) as ArmAnswers
      const result = await counted(answers, judging)
      await writeAtomically(countsFile(arm), Buffer.from(JSON.stringify(result)))
      results.push(result)
      say(`${armName(arm)}: judged`)
    }
  }
  return results
}

async function counted({ models, chosen, baseline, scores, ...rest }: ArmAnswers, judging: AnswerJudge): Promise<ArmResult> {
  if (rest.arm.kind !== 'personal') return { ...rest, counts: await judging.counts(models[0]!) }
  const [network, local, personal] = [await judging.count(models[0]!), await judging.count(models[1]!), await judging.count(models[2]!)]
  return { ...rest, personal: { network, local, personal, chosen: chosen!, baseline: baseline!, scores: scores! } }
}

function answersFile(arm: Arm): string {
  return path.join(options.folder, 'answers', `${armName(arm)}.json.gz`)
}

function countsFile(arm: Arm): string {
  return path.join(options.folder, 'counts', `${armName(arm)}.json`)
}

function shardOf(word: string): { readonly part: number, readonly parts: number } | undefined {
  const [part, parts] = (/^(\d{1,4})\/(\d{1,4})$/.exec(word) ?? []).slice(1).map(Number)
  return part === undefined || parts === undefined || part < 1 || part > parts ? undefined : { part, parts }
}

function seedsOf(word: string): readonly number[] | undefined {
  const seeds = word.split(',').map(Number)
  return seeds.every((seed) => Number.isSafeInteger(seed) && seed > 0) ? seeds : undefined
}
