/** A design with one small change. Whether it does something else is for a checker to say. */
export interface NearMiss {
  readonly design: string
  /** What was changed, as "kind: before -> after". */
  readonly change: string
}

/** One replacement in a text. */
export interface Edit {
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly text: string
  /** A second replacement that belongs to it, behind the first one. */
  readonly also?: { readonly start: number, readonly end: number, readonly text: string }
}

export function applyEdit(source: string, { kind, start, end, text, also }: Edit): NearMiss {
  const middle = also === undefined ? source.slice(end) : source.slice(end, also.start) + also.text + source.slice(also.end)
  const before = also === undefined ? source.slice(start, end) : source.slice(start, also.end)
  const after = also === undefined ? text : text + source.slice(end, also.start) + also.text
  return { design: source.slice(0, start) + text + middle, change: `${kind}: ${excerpt(before)} -> ${excerpt(after)}` }
}

const excerpt = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 80) || '(nothing)'
