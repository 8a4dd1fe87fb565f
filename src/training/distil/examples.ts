import type { DistilText } from './options.js'
import { firstPlace, STEPS, type Places } from './places.js'

/** How much less each further step counts. */
const STEP_DECAY = 0.85

/** How much a step counts where the text has gone another way than the model would have: proposals do not go there. */
const ASTRAY = 0.2

/** What a draft is to say, step by step. */
export interface Examples {
  /** Token after each step of each place, [places, STEPS]; 0 beyond a text's end. */
  readonly tokens: Int32Array
  /** Place in the draft's vocabulary of what the model says after it; 0 where that is not in it. */
  readonly labels: Int32Array
  /** How much it counts: nothing where it cannot be said. */
  readonly weights: Float32Array
}

/**
 * @param next - as `readTexts` returns it
 * @param vocabulary - the draft's
 */
export function makeExamples(texts: readonly DistilText[], next: readonly Int32Array[], places: Places, vocabulary: Int32Array): Examples {
  const inVocabulary = new Map([...vocabulary].map((id, at) => [id, at]))
  const size = places.positions.length * STEPS
  const examples = { tokens: new Int32Array(size), labels: new Int32Array(size), weights: new Float32Array(size) }
  places.positions.forEach((position, place) => {
    const { tokens } = texts[places.texts[place]!]!
    const said = next[places.texts[place]!]!
    const first = firstPlace(texts[places.texts[place]!]!)
    let isModels = true
    // What the model would say after a text's last token is left out: that may be its end.
    for (let step = 0; step < STEPS && position + 1 + step < tokens.length - 1; step++) {
      const at = position + 1 + step
      if (step > 0 && said[at - 1 - first] !== tokens[at]) isModels = false
      const label = inVocabulary.get(said[at - first]!)
      const i = place * STEPS + step
      examples.tokens[i] = tokens[at]!
      examples.labels[i] = label ?? 0
      examples.weights[i] = label === undefined ? 0 : STEP_DECAY ** step * (isModels ? 1 : ASTRAY)
    }
  })
  return examples
}
