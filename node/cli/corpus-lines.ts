import type { Corpus } from '../../src/corpus/index.js'
import { table } from '../terminal/table.js'

/** A scan's report for people. */
export function corpusLines({ report, examples }: Corpus, shown: number): string[] {
  const { files, designs, kept, leftOut, redactedComments, specifications, byDomain } = report
  return [
    `Kept ${kept} of ${designs} designs from ${files} files`,
    `  by domain       ${Object.entries(byDomain).map(([domain, count]) => `${count} ${domain}`).join(', ')}`,
    `  specifications  ${specifications.given} given, ${specifications.derived} derived from headers and ports`,
    `  secrets         ${redactedComments} removed from comments`,
    ...Object.keys(leftOut).length === 0 ? [] : ['', ...table(['left out because', 'count'], Object.entries(leftOut).map(([reason, count]) => [reason, count])).map((line) => `  ${line}`)],
    ...examples.slice(0, shown).flatMap(({ source, grade, specification, design }) => ['', `${source} (grade ${grade.toFixed(2)})`, `  ${specification}`, ...design.trimEnd().split('\n').map((line) => `    ${line}`)]),
  ]
}
