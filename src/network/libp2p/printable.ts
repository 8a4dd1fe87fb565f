/** Text of a stranger, fit for a log and a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, ' ')
}
