// Stands in until the quality room is built; deleted then.
const SWAPS: [RegExp, string[]][] = [
  [/ \+ /g, [' - ']], [/ - /g, [' + ']], [/ & /g, [' | ', ' ^ ']], [/ \| /g, [' & ']], [/ \^ /g, [' & ']], [/ < /g, [' <= ', ' > ']], [/ > /g, [' >= ', ' < ']], [/ == /g, [' != ']],
  [/ << /g, [' >> ']], [/ >> /g, [' << ']], [/'d(\d+)/g, ['\'d1', '\'d0', '\'d2']], [/ && /g, [' || ']], [/if \((?!!)/g, ['if (!']], [/~/g, ['']], [/\bcx\b/g, ['cz']], [/\bh\b/g, ['x']], [/\bt\b/g, ['s']], [/\bry\(/g, ['rx(']],
]

export function mutants(domain: string, text: string, pick: (length: number) => number): string[] {
  domain
  const found: string[] = []
  for (const [pattern, to] of SWAPS) {
    for (const match of text.matchAll(pattern)) for (const word of to) found.push(text.slice(0, match.index) + word + text.slice(match.index + match[0].length))
  }
  const mixed: string[] = []
  while (found.length > 0) mixed.push(...found.splice(pick(found.length), 1))
  return mixed
}
