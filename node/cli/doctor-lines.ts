import type { Finding, Grade } from '../doctor/finding.js'

const SIGNS: Record<Grade, string> = { ok: '✓', warning: '!', problem: '✗' }
const COLOURS: Record<Grade, string> = { ok: '32', warning: '33', problem: '31' }

/** Characters of the longest subject. */
const SUBJECT_WIDTH = 12

/** A finding for people: what was found, and below it what to do. */
export function findingLines({ found, grade, remedy, subject }: Finding, isColoured: boolean): string[] {
  return [
    `${colour(SIGNS[grade], COLOURS[grade], isColoured)} ${subject.padEnd(SUBJECT_WIDTH)}  ${found}`,
    ...remedy === undefined ? [] : [`  ${' '.repeat(SUBJECT_WIDTH)}  ${colour(`-> ${remedy}`, COLOURS[grade], isColoured)}`],
  ]
}

/** For instance `14 ok, 1 warning, no problem`. */
export function summaryLine(findings: readonly Finding[]): string {
  const count = (grade: Grade): number => findings.filter((finding) => finding.grade === grade).length
  const text = (number: number, word: string): string => number === 0 ? `no ${word}` : `${number} ${word}${number === 1 ? '' : 's'}`
  return `${count('ok')} ok, ${text(count('warning'), 'warning')}, ${text(count('problem'), 'problem')}`
}

function colour(text: string, code: string, isColoured: boolean): string {
  return isColoured ? `\x1b[${code}m${text}\x1b[0m` : text
}
