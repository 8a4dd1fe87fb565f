/** A cell; numbers are set to the right. */
export type Cell = string | number

/**
 * Columns of text, as wide as they need to be, under underlined heads.
 *
 * @returns lines without trailing spaces
 */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const right = heads.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number' || /^[\d.,%+-]+$/.test(String(row[column]))))
  const texts = [heads, heads.map((head) => '-'.repeat(head.length)), ...rows.map((row) => row.map(String))]
  const widths = heads.map((_, column) => Math.max(...texts.map((row) => width(row[column] ?? ''))))
  texts[1] = widths.map((size) => '-'.repeat(size))
  return texts.map((row) => row.map((cell, column) => pad(cell, widths[column]!, right[column]!)).join('  ').trimEnd())
}

function pad(text: string, size: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, size - width(text)))
  return right ? space + text : text + space
}

/** Characters on the screen; good enough for the Latin text that we print. */
function width(text: string): number {
  return Array.from(text).length
}
