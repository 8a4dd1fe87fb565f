import type { Tokenizer } from '../../src/model/index.js'

/** How models that fill in the middle are asked, by the tokens that they have for it. `middle` comes last. */
const FORMS = [
  { before: '<|fim_prefix|>', after: '<|fim_suffix|>', middle: '<|fim_middle|>' },
  { before: '<fim_prefix>', after: '<fim_suffix>', middle: '<fim_middle>' },
  { before: '<｜fim▁begin｜>', after: '<｜fim▁hole｜>', middle: '<｜fim▁end｜>' },
] as const

/** Asks a model for what lies between two texts; undefined where it has no tokens for that. */
export function infillOf(tokenizer: Pick<Tokenizer, 'encode'>): ((before: string, after: string) => number[]) | undefined {
  const form = FORMS.find(({ before, after, middle }) => [before, after, middle].every((token) => tokenizer.encode(token).length === 1))
  if (!form) return undefined
  return (before, after) => [
    ...tokenizer.encode(form.before), ...tokenizer.encode(before),
    ...tokenizer.encode(form.after), ...tokenizer.encode(after),
    ...tokenizer.encode(form.middle),
  ]
}
