import { codeOnly } from './text.js'

const DIRECTIVE = /^[ \t]*`(\w+)\b(?:[^\n\\]|\\\r?\n|\\.)*$/gm
const KEPT = new Set(['define', 'undef', 'timescale', 'default_nettype', 'include', 'ifdef', 'ifndef', 'else', 'elsif', 'endif'])
/** What Yosys defines itself. */
const DEFINED = ['SYNTHESIS', 'YOSYS']

interface Conditional {
  /** Lines since its beginning. */
  readonly lines: string[]
  /** Index in `lines` at which the current branch begins. */
  branch: number
  /** Directive that makes the current branch the one taken. */
  taken: string
}

/** Collects the directives of a file while it is read from top to bottom. */
export class Directives {
  readonly #lines: string[] = []
  readonly #open: Conditional[] = []

  /** @param inModule - included files are left out then, since they are part of that module */
  read(text: string, inModule: boolean): void {
    for (const match of codeOnly(text).matchAll(DIRECTIVE)) {
      const word = match[1]!
      if (KEPT.has(word) && !(inModule && word === 'include')) this.#take(word, text.slice(match.index, match.index + match[0].length).trim())
    }
  }

  /**
   * The directives so far, such that what follows them is reached: of conditionals that are still open, the branch at hand is taken.
   */
  get prelude(): string {
    const lines = [...this.#lines, ...this.#open.flatMap(({ lines, branch, taken }) => [taken, ...lines.slice(branch)])]
    return lines.filter((line) => line !== '').map((line) => line + '\n').join('')
  }

  #take(word: string, line: string): void {
    const lines = this.#open.at(-1)?.lines ?? this.#lines
    const name = /^`\w+[ \t]+(\w+)/.exec(line)?.[1] ?? ''
    const define = name === '' ? '' : `\`ifndef ${name}\n\`define ${name}\n\`endif`
    const current = this.#open.at(-1)
    if (word === 'ifdef' || word === 'ifndef') {
      this.#open.push({ lines: [line], branch: 1, taken: word === 'ifdef' ? define : '' })
    } else if (word === 'else' || word === 'elsif') {
      if (!current) return
      current.lines.push(line)
      current.branch = current.lines.length
      current.taken = word === 'elsif' ? define : ''
    } else if (word === 'endif') {
      if (!current) return
      this.#open.pop()
      const outer = this.#open.at(-1)?.lines ?? this.#lines
      outer.push(...current.lines, line)
    } else {
      lines.push(line)
    }
  }
}

/** The text without the branches that are not taken where only what it and Yosys define is defined. Positions stay. */
export function activeBranches(text: string): string {
  const defined = new Set(DEFINED)
  const open: { taken: boolean, done: boolean }[] = []
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ')
  let result = ''
  let end = 0
  const copy = (to: number): void => {
    const part = text.slice(end, to)
    result += open.every(({ taken }) => taken) ? part : blank(part)
    end = to
  }
  for (const match of codeOnly(text).matchAll(DIRECTIVE)) {
    const [line, word] = [match[0], match[1]!]
    const name = /^[ \t]*`\w+[ \t]+(\w+)/.exec(line)?.[1] ?? ''
    copy(match.index)
    const current = open.at(-1)
    if (word === 'ifdef' || word === 'ifndef') {
      const taken = defined.has(name) === (word === 'ifdef')
      open.push({ taken, done: taken })
    } else if (word === 'elsif' && current) {
      current.taken = !current.done && defined.has(name)
      current.done ||= current.taken
    } else if (word === 'else' && current) {
      current.taken = !current.done
      current.done = true
    } else if (word === 'endif') {
      open.pop()
    } else {
      if (word === 'define' && open.every(({ taken }) => taken)) defined.add(name)
      continue
    }
    result += blank(line)
    end = match.index + line.length
  }
  copy(text.length)
  return result
}
