/** Finds the texts that have most words in common with another. */
export class Neighbours {
  /** For each word the numbers of the texts that have it. */
  private readonly texts = new Map<string, Set<number>>()
  /** For each text the square root of how many words it has. */
  private readonly norms = new Map<number, number>()
  private highest = -1

  /** @param text - a small whole number: the search takes eight bytes for each up to the largest */
  add(text: number, words: readonly string[]): void {
    const own = new Set(words)
    this.highest = Math.max(this.highest, text)
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
    const scores = new Float64Array(this.highest + 1)
    const met: number[] = []
    for (const word of new Set(words)) {
      const having = this.texts.get(word)
      if (having === undefined) continue
      const weight = Math.log(1 + this.norms.size / having.size)
      for (const text of having) {
        if (scores[text] === 0) met.push(text)
        scores[text]! += weight
      }
    }
    for (const text of met) scores[text]! /= this.norms.get(text)!
    return met.sort((x, y) => scores[y]! - scores[x]! || x - y).slice(0, count)
  }
}
