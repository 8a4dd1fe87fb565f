/** Words, numbers and everything between them: what two texts are compared and rewritten by. */
const PIECES = /[A-Za-z_][A-Za-z0-9_$]*|\d+|\s+|[^\sA-Za-z0-9_]/g

/** Pieces of a specification that are compared: beyond that, two are told apart by their beginnings. */
const COMPARED_AT_MOST = 400

export function piecesOf(text: string): string[] {
  return text.match(PIECES) ?? []
}

/** What stands in the one text where something else stands in the other, piece by piece. */
export interface Renaming {
  readonly from: string
  readonly to: string
}

/**
 * What must be renamed to turn one specification into another: names and numbers that stand at the same places between common words. A number that changes
 * takes its neighbours along, since a width of 8 is written [7:0].
 */
export function renamings(from: readonly string[], to: readonly string[]): Renaming[] {
  const [a, b] = [from, to].map((pieces) => pieces.filter((piece) => piece.trim() !== '').slice(0, COMPARED_AT_MOST)) as [string[], string[]]
  const found = new Map<string, string>()
  const note = (one: string, other: string): void => {
    if (one !== other && isRenamed(one) && isRenamed(other) && !found.has(one)) found.set(one, other)
  }
  for (const [left, right] of gaps(a, b)) {
    if (left.length !== right.length) continue
    for (const [at, piece] of left.entries()) note(piece, right[at]!)
  }
  for (const [one, other] of [...found]) {
    const [x, y] = [Number(one), Number(other)]
    if (!Number.isSafeInteger(x) || !Number.isSafeInteger(y)) continue
    for (const step of [-1, 1]) note(String(x + step), String(y + step))
  }
  return [...found].map(([one, other]) => ({ from: one, to: other }))
}

/** A text with all renamings made at once. */
export function renamed(pieces: readonly string[], renaming: readonly Renaming[]): string {
  const names = new Map(renaming.map(({ from, to }) => [from, to]))
  return pieces.map((piece) => names.get(piece) ?? piece).join('')
}

function isRenamed(piece: string): boolean {
  return /^[A-Za-z0-9_$]+$/.test(piece)
}

/** Runs of the two that lie between what they have in common: the longest common subsequence (Hirschberg 1975 gives its history; here by the plain table). */
function gaps(a: readonly string[], b: readonly string[]): [string[], string[]][] {
  const width = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1]! + 1 : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const found: [string[], string[]][] = []
  let left: string[] = []
  let right: string[] = []
  const close = (): void => {
    if (left.length > 0 || right.length > 0) found.push([left, right])
    left = []
    right = []
  }
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      close()
      i++
      j++
    } else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) {
      left.push(a[i++]!)
    } else {
      right.push(b[j++]!)
    }
  }
  close()
  return found
}
