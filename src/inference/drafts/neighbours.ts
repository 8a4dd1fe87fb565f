/** Finds the texts that have most words in common with another. */
export class Neighbours {
  /** For each word the texts that have it, with the square root of how many words each has. */
  private readonly texts = new Map<string, number[]>()
  private readonly norms: number[] = []

  /** @param words - of each text, in the order of the numbers that are found */
  constructor(words: readonly (readonly string[])[]) {
    for (const [text, all] of words.entries()) {
      const own = new Set(all)
      this.norms.push(Math.sqrt(own.size))
      for (const word of own) this.texts.set(word, [...this.texts.get(word) ?? [], text])
    }
  }

  /** The nearest texts first: by the weights of common words, of which rare ones weigh more. */
  nearest(words: readonly string[], count: number): number[] {
    const scores = new Map<number, number>()
    for (const word of new Set(words)) {
      const having = this.texts.get(word)
      if (having === undefined) continue
      const weight = Math.log(1 + this.norms.length / having.length)
      for (const text of having) scores.set(text, (scores.get(text) ?? 0) + weight)
    }
    return [...scores].map(([text, score]) => ({ text, score: score / this.norms[text]! })).sort((x, y) => y.score - x.score || x.text - y.text).slice(0, count).map(({ text }) => text)
  }
}
