import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import type { Checker } from '../../../src/quality/index.js'
import { armName } from '../learning/arms.js'
import type { Arm } from '../learning/arms.js'
import { openEngine } from '../learning/engine.js'
import type { FamilySplit } from '../learning/figures.js'
import { readModels, writeModels } from '../learning/kept-models.js'
import { trainArm } from '../learning/run-arm.js'
import { commit, machine, say } from '../report.js'

/** A network of six peers whose shares of the families differ, as in bench:learning. */
const NETWORK: Arm = { regime: 'overlap', seed: 1, kind: 'network', damaged: 0 }

export interface Models {
  readonly network: Float32Array
  /** What a peer made of it: the last adapter of its arm. */
  readonly personal: Float32Array
  /** Which candidate that is. */
  readonly chosen: string
}

export interface ModelsOptions {
  /** The embedded base. */
  readonly model: string
  /** Where bench:learning keeps what it has trained: the same models are taken from there, and put there. */
  readonly folder: string
  readonly split: FamilySplit
  readonly threads: number
  readonly checker: () => Checker
}

/** A peer's models, trained where they are not there yet: some twenty minutes for the network, and seven for each peer. */
export async function modelsOf(peer: number, { model, folder, split, threads, checker }: ModelsOptions): Promise<Models> {
  await mkdir(path.join(folder, 'models'), { recursive: true })
  const fileOf = (arm: Arm): string => path.join(folder, 'models', armName(arm))
  const train = async (arm: Arm, network: () => Promise<Float32Array>): Promise<NonNullable<Awaited<ReturnType<typeof readModels>>>> => {
    const kept = await readModels(fileOf(arm))
    if (kept !== undefined) return kept
    say(`training ${armName(arm)}`)
    const engine = await openEngine(model, threads)
    try {
      const trained = { ...await trainArm(arm, { engine, split, threads, checker, say }, network), machine: machine(), commit: commit() }
      await writeModels(fileOf(arm), trained)
      return trained
    } finally {
      await engine.close()
    }
  }
  const network = async (): Promise<Float32Array> => (await train(NETWORK, () => Promise.reject(new Error('a network begins with no other model')))).adapters[0]!
  const own = await train({ ...NETWORK, kind: 'personal', peer }, network)
  return { network: await network(), personal: own.adapters.at(-1)!, chosen: own.chosen ?? 'unknown' }
}
