/** How many tokens of one text stand at a place of another, one after the other. @param from - the place; default its start */
export function commonLength(tokens: ArrayLike<number>, text: ArrayLike<number>, from = 0): number {
  let length = 0
  while (length < tokens.length && from + length < text.length && tokens[length] === text[from + length]) length++
  return length
}
