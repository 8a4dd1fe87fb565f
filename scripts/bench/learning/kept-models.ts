import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'

import type { PersonalChoice } from '../../../src/inference/index.js'
import type { Arm } from './arms.js'
import type { ArmResult } from './counts.js'

/** What training an arm leaves, ready to be asked on any machine. */
export interface ArmModels extends Pick<ArmResult, 'rounds' | 'bytes'> {
  readonly arm: Arm
  readonly machine: string
  readonly commit: string
  /** Of training. */
  readonly seconds: number
  /** In the order of the answers; none for `base`. */
  readonly adapters: readonly Float32Array[]
  /** Which candidate a personal arm's last adapter is. */
  readonly chosen?: string
  /** Which of network and local was the better on validation. */
  readonly baseline?: string
  /** Of a personal arm's candidates on validation. */
  readonly scores?: PersonalChoice['scores']
}

/** Where the models are, if they have been written: the values in one file, all else in another, which comes last. */
export async function readModels(file: string): Promise<ArmModels | undefined> {
  if (!existsSync(`${file}.json`)) return undefined
  const { count, ...rest } = JSON.parse(await readFile(`${file}.json`, 'utf8')) as Omit<ArmModels, 'adapters'> & { readonly count: number }
  const bytes = await readFile(`${file}.f32`)
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  return { ...rest, adapters: Array.from({ length: count }, (_, at) => values.slice(values.length / count * at, values.length / count * (at + 1))) }
}

export async function writeModels(file: string, { adapters, ...rest }: ArmModels): Promise<void> {
  await writeFile(`${file}.f32`, Buffer.concat(adapters.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))))
  await writeFile(`${file}.json`, JSON.stringify({ ...rest, count: adapters.length }))
}
