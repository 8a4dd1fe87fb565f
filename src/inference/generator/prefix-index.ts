import { commonLength } from '../../model/index.js'

/** One block of a text, behind the blocks before it. */
interface Node<T> {
  readonly parent: Node<T> | undefined
  readonly tokens: readonly number[]
  readonly value: T
  readonly children: Set<Node<T>>
}

/** Where the texts of one model begin. */
export interface PrefixRoot<T> {
  readonly children: Set<Node<T>>
}

export interface PrefixMatch<T> {
  /** Tokens that are known. */
  readonly length: number
  /** Their blocks in order, with how many tokens of each belong to the match; all but the last are whole. */
  readonly blocks: readonly { readonly value: T, readonly tokens: number }[]
}

/**
 * What was computed of texts, block by block, to be found again by the longest common prefix. Texts that begin alike share their first blocks. Where there
 * is no room for more, the blocks that were not used for longest go first, each after those behind it.
 */
export class PrefixIndex<T> {
  /** Least recently used first. A block is used whenever one behind it is, and after it: so the first is always one with none behind it. */
  readonly #order = new Map<Node<T>, PrefixRoot<T>>()

  /**
   * @param blockLength - tokens of a whole block
   * @param capacity - blocks that are kept at most
   */
  constructor(readonly blockLength: number, readonly capacity: number) {}

  /** Blocks that are kept. */
  get size(): number {
    return this.#order.size
  }

  root(): PrefixRoot<T> {
    return { children: new Set() }
  }

  match(root: PrefixRoot<T>, tokens: readonly number[]): PrefixMatch<T> {
    const path: Node<T>[] = []
    const blocks: { value: T, tokens: number }[] = []
    let length = 0
    for (let children = root.children; length < tokens.length;) {
      let best: Node<T> | undefined
      let common = 0
      for (const child of children) {
        const same = commonLength(child.tokens, tokens, length)
        if (same > common) [best, common] = [child, same]
      }
      if (!best) break
      path.push(best)
      blocks.push({ value: best.value, tokens: common })
      length += common
      if (common < this.blockLength) break
      children = best.children
    }
    this.#use(root, path)
    return { length, blocks }
  }

  /** Keeps a text. @param take - makes the value of its n-th block; asked only for those that are not there yet */
  insert(root: PrefixRoot<T>, tokens: readonly number[], take: (block: number) => T): void {
    const path: Node<T>[] = []
    let parent: Node<T> | undefined
    for (let start = 0, block = 0; start < tokens.length && block < this.capacity; start += this.blockLength, block++) {
      const part = tokens.slice(start, start + this.blockLength)
      const siblings: Set<Node<T>> = (parent ?? root).children
      let node = [...siblings].find((sibling) => sibling.tokens.length >= part.length && commonLength(sibling.tokens, part) === part.length)
      if (!node) {
        // The beginning of this block, where it was kept before, is of no more use.
        for (const sibling of siblings) if (commonLength(sibling.tokens, part) === sibling.tokens.length) this.#forget(root, sibling)
        node = { parent, tokens: part, value: take(block), children: new Set() }
        siblings.add(node)
      }
      path.push(node)
      parent = node
    }
    this.#use(root, path)
    for (const [oldest, its] of this.#order) {
      if (this.#order.size <= this.capacity) break
      this.#forget(its, oldest)
    }
  }

  /** Forgets all texts of a root. */
  drop(root: PrefixRoot<T>): void {
    for (const [node, its] of this.#order) if (its === root) this.#order.delete(node)
    root.children.clear()
  }

  #use(root: PrefixRoot<T>, path: readonly Node<T>[]): void {
    for (const node of [...path].reverse()) {
      this.#order.delete(node)
      this.#order.set(node, root)
    }
  }

  #forget(root: PrefixRoot<T>, node: Node<T>): void {
    this.#order.delete(node)
    ;(node.parent ?? root).children.delete(node)
  }
}
