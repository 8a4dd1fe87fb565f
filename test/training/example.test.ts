import test from 'ava'

import { encodeExample, packedLength, TrainingError } from '../../src/training/index.js'
import { tinyTokenizer } from './tiny.js'

const tokenizer = tinyTokenizer()

test('an example is the chat form up to the design, then the design and the end', (t) => {
  const { prompt, completion } = encodeExample(tokenizer, { specification: 'an and gate', design: 'a & b\n' })
  t.is(tokenizer.decode(prompt), '<|user|>an and gate<|assistant|>')
  t.is(tokenizer.decode(completion), 'a & b\n<|end|>')
  t.is(packedLength({ prompt, completion }), prompt.length + completion.length - 1)
})

test('a design that contains an end token, or is empty, is refused', (t) => {
  t.throws(() => encodeExample(tokenizer, { specification: 's', design: 'a<|end|>b' }), { instanceOf: TrainingError, code: 'TRAINING_EXAMPLE_TOKENS' })
  t.throws(() => encodeExample(tokenizer, { specification: 's', design: '' }), { instanceOf: TrainingError, code: 'TRAINING_EXAMPLE_EMPTY' })
})

test('a model without an end token cannot learn where a design ends', (t) => {
  t.throws(() => encodeExample(tinyTokenizer([]), { specification: 's', design: 'a' }), { instanceOf: TrainingError, code: 'TRAINING_NO_END_TOKEN' })
})
