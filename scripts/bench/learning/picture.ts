import { belongsTo, REGIMES } from './arms.js'
import type { ArmKind, Regime } from './arms.js'
import type { ArmResult } from './counts.js'
import { countsBySeed, mean, passRate } from './counts.js'
import type { FamilySplit } from './figures.js'

const WIDTH = 960
const PANEL = { width: 460, labels: 150, right: 40, top: 64 }
const ROW = 20
const GAP = 28
const INK = '#1f2933'
const FAINT = '#cbd2d9'
const COLOURS = { verilog: '#2f6fab', quantum: '#b4532a', bar: '#9fb3c8', network: '#2f6fab' } as const

/** Arms in the order of the picture; a gap before the damaged ones. */
const ROWS: readonly (readonly [string, ArmKind, number])[] = [
  ['base', 'base', 0], ['each peer alone', 'local', 0], ['uniform weights', 'uniform', 0], ['network', 'network', 0], ['all data in one place', 'centralised', 0],
  ['2 damaged: uniform', 'uniform', 2], ['2 damaged: network', 'network', 2], ['2 damaged: left out', 'excluded', 2],
]

/**
 * Rates of bench:learning as SVG: above, every arm, a bar to the mean of its seeds and a dot for each; below, how far each family gets from the base to the
 * network. One column a regime. Arms that have not run are left out.
 */
export function learningPicture(results: readonly ArmResult[], split: FamilySplit): string {
  const familyTop = PANEL.top + ROWS.length * ROW + 2 * GAP + 12
  const height = familyTop + split.evaluation.length * ROW + 40
  const columns = REGIMES.map((regime, at) => {
    const own = results.filter(({ arm }) => belongsTo(regime, arm))
    return `<g transform="translate(${at * (PANEL.width + 20)} 0)">${heading(regime)}${arms(own, split)}${families(own, split, familyTop)}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...columns,
    `<text x="${PANEL.labels}" y="${height - 14}" fill="${COLOURS.verilog}">Verilog</text><text x="${PANEL.labels + 60}" y="${height - 14}" fill="${COLOURS.quantum}">quantum</text>`,
    `<text x="${PANEL.labels + 130}" y="${height - 14}">open: base; filled: network; means of the seeds that have run</text>`,
    '</svg>',
  ].join('\n') + '\n'
}

function heading(regime: Regime): string {
  const what = regime === 'overlap' ? 'peers share families (Dirichlet 0.5)' : 'no family on two peers'
  return `<text x="16" y="24" font-size="15" font-weight="600">${regime}</text><text x="86" y="24">${what}</text>`
    + `<text x="16" y="44">functional pass rate on held-out specifications</text>`
}

function arms(results: readonly ArmResult[], { evaluation }: FamilySplit): string {
  const rows = ROWS.map(([label, kind, damaged], at) => {
    const y = PANEL.top + at * ROW + (damaged > 0 ? GAP / 2 : 0)
    const bySeed = [...countsBySeed(results, kind, damaged).values()].map((models) => mean(models.map((counts) => passRate(counts, evaluation))))
    if (bySeed.length === 0) return text(y, label) + `<text x="${PANEL.labels}" y="${y + 4}" fill="#7b8794">not run</text>`
    const average = mean(bySeed)
    return text(y, label)
      + `<rect x="${PANEL.labels}" y="${y - 7}" width="${x(average) - PANEL.labels}" height="14" fill="${kind === 'network' ? COLOURS.network : COLOURS.bar}"/>`
      + bySeed.map((rate) => `<circle cx="${x(rate)}" cy="${y}" r="2.5" fill="${INK}"/>`).join('')
      + `<text x="${x(Math.max(average, ...bySeed)) + 6}" y="${y + 4}">${percent(average)}</text>`
  })
  return axis(PANEL.top - 12, PANEL.top + ROWS.length * ROW + GAP / 2) + rows.join('')
}

function families(results: readonly ArmResult[], { evaluation, quantum }: FamilySplit, top: number): string {
  const rate = (kind: ArmKind, family: string): number => mean([...countsBySeed(results, kind, 0).values()].map((models) => mean(models.map((counts) => passRate(counts, [family])))))
  const rows = evaluation.map((family) => ({ family, base: rate('base', family), network: rate('network', family) })).sort((one, other) => other.network - one.network)
  return axis(top - 12, top + rows.length * ROW - 8) + rows.map(({ family, base, network }, at) => {
    const y = top + at * ROW
    const colour = quantum.includes(family) ? COLOURS.quantum : COLOURS.verilog
    const line = Number.isFinite(base + network) ? `<line x1="${x(base)}" x2="${x(network)}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="2"/>` : ''
    return text(y, family) + line + dot(base, y, colour, '#fff') + dot(network, y, colour, colour)
  }).join('')
}

function axis(top: number, bottom: number): string {
  return [0, 0.25, 0.5, 0.75, 1].map((rate) => `<line x1="${x(rate)}" x2="${x(rate)}" y1="${top}" y2="${bottom}" stroke="${FAINT}"/>`
    + `<text x="${x(rate)}" y="${bottom + 13}" text-anchor="middle" font-size="10">${percent(rate)}</text>`).join('')
}

const x = (rate: number): number => Math.round((PANEL.labels + rate * (PANEL.width - PANEL.labels - PANEL.right)) * 10) / 10
const percent = (rate: number): string => `${Math.round(100 * rate)} %`
const text = (y: number, label: string): string => `<text x="${PANEL.labels - 8}" y="${y + 4}" text-anchor="end">${label}</text>`
const dot = (rate: number, y: number, stroke: string, fill: string): string =>
  Number.isFinite(rate) ? `<circle cx="${x(rate)}" cy="${y}" r="4" fill="${fill}" stroke="${stroke}" stroke-width="1.5"/>` : ''
