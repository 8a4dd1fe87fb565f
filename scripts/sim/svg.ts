/** What our own small pictures are made of. */
export const INK = '#1f2933'
export const FAINT = '#cbd2d9'
export const PAPER = '#fff'

/** A picture of this size, in units that are pixels at its natural size. */
export function svg(width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    rect(0, 0, width, height, PAPER),
    ...parts,
    '</svg>',
  ].join('\n') + '\n'
}

export function rect(x: number, y: number, width: number, height: number, fill: string, more = ''): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"${more}/>`
}

export function circle(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${fill}"/>`
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, more = ''): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"${more}/>`
}

export function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${more}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
