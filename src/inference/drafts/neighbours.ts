/** Finds the texts that have most words in common with another. */
export class Neighbours {
  /** For each word the numbers of the texts that have it. */
  private readonly texts = new Map<string, Set<number>>()
  /** For each text the square root of how many words it has. */
  private readonly norms = new Map<number, number>()

  add(text: number, words: readonly string[]): void {
    const own = new Set(words)
    this.norms.set(text, Math.sqrt(own.size))
    for (const word of own) {
      const having = this.texts.get(word)
      if (having) having.add(text)
      else this.texts.set(word, new Set([text]))
    }
  }

  /** @param words - those that it was added with */
  remove(text: number, words: readonly string[]): void {
    this.norms.delete(text)
    for (const word of new Set(words)) {
      const having = this.texts.get(word)
      having?.delete(text)
      if (having?.size === 0) this.texts.delete(word)
    }
  }

  /** The nearest texts first: by the weights of common words, of which rare ones weigh more. */
  nearest(words: readonly string[], count: number): number[] {
    const scores = new Map<number, number>()
    for (const word of new Set(words)) {
      const having = this.texts.get(word)
      if (having === undefined) continue
      const weight = Math.log(1 + this.norms.size / having.size)
      for (const text of having) scores.set(text, (scores.get(text) ?? 0) + weight)
    }
    return [...scores].map(([text, score]) => ({ text, score: score / this.norms.get(text)! })).sort((x, y) => y.score - x.score || x.text - y.text).slice(0, count).map(({ text }) => text)
  }
}
