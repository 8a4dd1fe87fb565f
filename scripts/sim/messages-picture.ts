import type { PeerId } from '../../src/network/index.js'
import type { Phase } from '../../src/rounds/index.js'

import type { LoggedMessage, LoggedPhase, MessageLog } from './message-log.js'
import { circle, FAINT, line, rect, svg, text } from './svg.js'

const WIDTH = 1200
const LEFT = 130
const RIGHT = 24
const TOP = 108
/** A member's row: a lane for its phases, and above it one for each kind that it sends. */
const LANE = 7
const ROW_GAP = 12
const KINDS = ['heartbeat', 'join', 'manifest', 'list', 'closing', 'pull', 'mark', 'audit', 'proposal', 'votes', 'roster', 'shares'] as const
const COLOURS: Readonly<Record<string, string>> = {
  heartbeat: '#9aa5b1', join: '#8d6e63', manifest: '#2f6fab', list: '#47a3b3', closing: '#1f7a8c', pull: '#b7791f', mark: '#d69e2e', audit: '#7b4fa3',
  proposal: '#c0392b', votes: '#2f855a', roster: '#e67e22', shares: '#52606d',
}
const OTHER = '#52606d'
const PHASES: Readonly<Record<Phase, string>> = { train: '#e3f2e1', close: '#d6ecf3', reveal: '#fdf1d3', audit: '#eadff3', agree: '#f9dcd7', joining: '#e4e7eb' }

/** The messages of one round of a cluster over time: a row for each member, a lane in it for each kind, behind them the member's phases. */
export function messagesPicture(log: Pick<MessageLog, 'messages' | 'phases' | 'cluster'>, round: number): string {
  const { from, to } = spanOf(log.phases, round)
  const messages = log.messages.filter(({ at }) => at >= from && at <= to)
  const members = [...new Set(log.phases.filter(({ at }) => at <= to).map(({ peer }) => peer))].filter((peer) => messages.some((message) => message.from === peer))
  const kinds = lanesOf(messages)
  const rowHeight = kinds.length * LANE
  const x = (at: number): number => LEFT + (at - from) / Math.max(1, to - from) * (WIDTH - LEFT - RIGHT)
  const y = (member: number): number => TOP + member * (rowHeight + ROW_GAP)
  const height = y(members.length) + 30
  return svg(WIDTH, height, [
    text(16, 26, `Round ${round} of ${log.cluster ?? 'no cluster'}: ${messages.length} messages of ${members.length} members in ${((to - from) / 1000).toFixed(1)} s`, ' font-size="15" font-weight="600"'),
    legend(messages, kinds),
    ...members.flatMap((member, at) => [
      ...phaseBands(member, log.phases, from, to).map(({ phase, begins, ends }) => rect(x(begins), y(at), x(ends) - x(begins), rowHeight, PHASES[phase])),
      text(16, y(at) + rowHeight / 2 + 4, member.slice(-8)),
    ]),
    ...messages.flatMap(({ at, from: sender, kind }) => {
      const member = members.indexOf(sender)
      return member < 0 ? [] : [circle(x(at), y(member) + (kinds.indexOf(kind) + 0.5) * LANE, 2.5, COLOURS[kind] ?? OTHER)]
    }),
    ...seconds(from, to).map((at) => line(x(at), TOP - 6, x(at), height - 24, FAINT, ' stroke-dasharray="2 4"') + text(x(at), height - 8, `${(at - from) / 1000} s`, ' font-size="10" text-anchor="middle"')),
  ])
}

/** From when the first member begins the round to when the last of them begins the next; at the end of what is known where they do not. */
function spanOf(phases: readonly LoggedPhase[], round: number): { readonly from: number, readonly to: number } {
  const last = phases.reduce((most, { at }) => Math.max(most, at), 0)
  const begins = (wanted: number): number[] => phases.filter((one) => one.round === wanted).map(({ at }) => at)
  const firstOfRound = begins(round).reduce((least, at) => Math.min(least, at), last)
  const firstByPeer = new Map<PeerId, number>()
  for (const { peer, at, round: of } of phases) if (of === round + 1 && !firstByPeer.has(peer)) firstByPeer.set(peer, at)
  return { from: firstOfRound, to: firstByPeer.size === 0 ? last : [...firstByPeer.values()].reduce((most, at) => Math.max(most, at), 0) }
}

function phaseBands(member: PeerId, phases: readonly LoggedPhase[], from: number, to: number): { readonly phase: Phase, readonly begins: number, readonly ends: number }[] {
  const own = phases.filter(({ peer, at }) => peer === member && at <= to)
  return own.map(({ phase, at }, index) => ({ phase, begins: Math.max(from, at), ends: Math.min(to, own[index + 1]?.at ?? to) })).filter(({ begins, ends }) => ends > begins)
}

function lanesOf(messages: readonly LoggedMessage[]): string[] {
  const seen = new Set(messages.map(({ kind }) => kind))
  return [...KINDS.filter((kind) => seen.has(kind)), ...[...seen].filter((kind) => !(KINDS as readonly string[]).includes(kind)).sort()]
}

/** Kinds with how many there were and their bytes, then the phases. */
function legend(messages: readonly LoggedMessage[], kinds: readonly string[]): string {
  const each = (WIDTH - 32) / Math.max(1, Math.ceil(kinds.length / 2))
  const entries = kinds.map((kind, at) => {
    const own = messages.filter((message) => message.kind === kind)
    const x = 16 + (at >> 1) * each
    const y = 48 + (at % 2) * 17
    const bytes = own.reduce((sum, message) => sum + message.bytes, 0)
    return circle(x + 4, y - 4, 3.5, COLOURS[kind] ?? OTHER) + text(x + 12, y, `${kind} ${own.length}, ${(bytes / 1000).toFixed(1)} kB`)
  })
  const phases = Object.entries(PHASES).map(([phase, colour], at) => rect(16 + at * 90, 78, 12, 12, colour) + text(32 + at * 90, 88, phase))
  return [...entries, ...phases].join('')
}

/** Marks of a scale of at most 15, at whole numbers of seconds. */
function seconds(from: number, to: number): number[] {
  const step = [1, 2, 5, 10, 20, 60, 120].find((one) => (to - from) / 1000 / one <= 15) ?? 300
  return Array.from({ length: Math.floor((to - from) / 1000 / step) + 1 }, (_, at) => from + at * step * 1000)
}
