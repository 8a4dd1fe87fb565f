import * as z from 'zod'

import { TARGETS } from '../../model/index.js'
import type { AdapterSettings, Target } from '../../model/index.js'
import { AdapterError } from '../errors.js'

const pattern = z.record(z.string(), z.number()).nullish()

const configSchema = z.looseObject({
  peft_type: z.string(),
  r: z.int().min(1),
  lora_alpha: z.number().positive(),
  target_modules: z.union([z.string(), z.array(z.string()).min(1)]),
  bias: z.string().default('none'),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  fan_in_fan_out: z.boolean().default(false),
  modules_to_save: z.array(z.string()).nullish(),
  layers_to_transform: z.union([z.int(), z.array(z.int())]).nullish(),
  rank_pattern: pattern,
  alpha_pattern: pattern,
})

type PeftConfig = z.infer<typeof configSchema>

/**
 * Reads the settings of a PEFT adapter from its parsed adapter_config.json. A rank-stabilised adapter (scale alpha / sqrt(rank)) gets the alpha that
 * gives the same scale here.
 *
 * @throws AdapterError PEFT_CONFIG_INVALID, PEFT_FEATURE_UNSUPPORTED, PEFT_TARGET_UNKNOWN
 */
export function parsePeftConfig(json: unknown): AdapterSettings {
  const parsed = configSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new AdapterError('PEFT_CONFIG_INVALID', `adapter_config.json is wrong at ${issue?.path.join('.') || 'its root'}: ${issue?.message ?? 'not an object'}`)
  }
  const file = parsed.data
  refuseUnsupported(file)
  return { rank: file.r, alpha: file.use_rslora ? file.lora_alpha * Math.sqrt(file.r) : file.lora_alpha, targets: parseTargets(file.target_modules) }
}

function parseTargets(modules: string | readonly string[]): Target[] {
  if (modules === 'all-linear') return [...TARGETS]
  const named = new Set(typeof modules === 'string' ? [modules] : modules)
  const unknown = [...named].filter((module) => !TARGETS.some((target) => target === module))
  if (unknown.length > 0) {
    throw new AdapterError('PEFT_TARGET_UNKNOWN', `the adapter changes ${unknown.join(', ')}, and only ${TARGETS.join(', ')} can be adapted: train it with target_modules from this list`)
  }
  return TARGETS.filter((target) => named.has(target))
}

function refuseUnsupported(file: PeftConfig): void {
  const asked = [
    file.peft_type !== 'LORA' && `the type ${file.peft_type}`,
    file.use_dora && 'use_dora',
    file.bias !== 'none' && `bias ${file.bias}`,
    file.fan_in_fan_out && 'fan_in_fan_out',
    (file.modules_to_save?.length ?? 0) > 0 && 'modules_to_save',
    file.layers_to_transform !== undefined && file.layers_to_transform !== null && 'layers_to_transform',
    Object.keys(file.rank_pattern ?? {}).length > 0 && 'rank_pattern',
    Object.keys(file.alpha_pattern ?? {}).length > 0 && 'alpha_pattern',
  ].filter((what) => what !== false)
  if (asked.length > 0) {
    throw new AdapterError('PEFT_FEATURE_UNSUPPORTED', `the adapter uses ${asked.join(', ')}: only plain LoRA of one rank on whole layers is supported, train it without`)
  }
}
