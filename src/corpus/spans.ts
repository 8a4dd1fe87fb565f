/**
 * Replaces each span of a text that begins with an opening and ends with the next closing, in time in proportion to the text: openings after the last
 * closing, each of which would be followed to the end of the text, are not looked at.
 *
 * @param span - global, from an opening to its closing
 * @param closing - global, what ends a span
 */
export function replaceSpans(text: string, span: RegExp, closing: RegExp, by: string | ((whole: string, ...groups: string[]) => string)): string {
  let end = 0
  for (const match of text.matchAll(closing)) end = match.index + match[0].length
  const [before, after] = [text.slice(0, end), text.slice(end)]
  return (typeof by === 'string' ? before.replace(span, by) : before.replace(span, by)) + after
}
