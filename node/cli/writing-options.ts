import { Option } from 'commander'
import type { Command } from 'commander'

import type { GenerateInput } from '../serving/request.js'
import { number, whole } from './options.js'

/** How a model is to write, as the command line says it. */
export interface WritingOptions {
  readonly temperature: number
  readonly topK: number
  readonly topP: number
  readonly seed: number
  readonly maxTokens: number
  readonly draft: 'none' | 'lookup' | 'personal'
  readonly adapter?: 'base' | 'network' | 'local' | 'personal'
}

/** @param longest - what `--max-tokens` bounds */
export function addWritingOptions(command: Command, longest: string): Command {
  return command
    .option('--temperature <number>', '0 writes the likeliest design', number(0, 10), 0)
    .option('--top-k <number>', 'draw from the k likeliest tokens; 0 for all', whole(0, 1_000_000), 0)
    .option('--top-p <number>', 'draw from the likeliest tokens that sum to this', number(0.0001, 1), 1)
    .option('--seed <number>', 'the same seed draws the same design', whole(-(2 ** 31), 2 ** 31), 0)
    .option('--max-tokens <number>', longest, whole(1, 65_536), 768)
    .addOption(new Option('--draft <draft>', 'what proposes tokens for the model to check: nothing, the text so far, or your own designs, too').choices(['none', 'lookup', 'personal']).default('personal'))
    .addOption(new Option('--adapter <adapter>', 'which model (default: personal, else network, else base)').choices(['base', 'network', 'local', 'personal']))
}

export function writingOf({ temperature, topK, topP, seed, maxTokens, draft, adapter }: WritingOptions): Pick<GenerateInput, 'temperature' | 'topK' | 'topP' | 'seed' | 'maximumTokens' | 'draft' | 'adapter'> {
  return { temperature, topK, topP, seed, maximumTokens: maxTokens, draft, ...adapter === undefined ? {} : { adapter } }
}
