import type { PeerStatus } from '../../src/rounds/index.js'

import { FAINT, INK, line, PAPER, rect, svg, text } from './svg.js'
import type { Inhabitant } from './world.js'

type ClusterView = PeerStatus['tree']['clusters'][number]

const WIDTH = 1200
const MARGIN = 24
const TOP = 64
const BAND = 54
const GAP = 34
const COLOURS = { live: '#2f855a', gone: '#b4532a', seat: '#9fb3c8', cluster: '#e4e7eb' } as const
/** Narrower bands have no room for a name. */
const NARROWEST_NAME = 60

/** A cluster with those below it. */
export interface TreeNode {
  readonly view: ClusterView
  readonly children: readonly TreeNode[]
}

/** The newest view of every cluster that these peers have, each peer knowing its own best. */
export function newestViews(inhabitants: readonly Inhabitant[]): ClusterView[] {
  const newest = new Map<string, { readonly view: ClusterView, readonly own: boolean }>()
  const asked = new Set<string>()
  for (const { peer } of inhabitants) {
    const { cluster, tree } = peer.status()
    if (asked.has(cluster)) continue
    asked.add(cluster)
    for (const view of tree.clusters) {
      const own = view.id === cluster
      const known = newest.get(view.id)
      if (known === undefined || (own && !known.own) || (own === known.own && view.round > known.view.round)) newest.set(view.id, { view, own })
    }
  }
  return [...newest.values()].map(({ view }) => view)
}

/** Clusters under those that name them as members, from the top level down. Where there is no level above, every cluster stands alone. */
export function treeOf(views: readonly ClusterView[]): TreeNode[] {
  const byId = new Map(views.map((view) => [view.id, view]))
  const below = new Set(views.flatMap(({ level, members }) => (level === 0 ? [] : members.map(({ peer }) => peer))))
  const node = (view: ClusterView): TreeNode => ({
    view,
    children: view.level === 0 ? [] : view.members.flatMap(({ peer }) => byId.get(peer) ?? []).filter(({ level }) => level < view.level).map(node),
  })
  return views.filter(({ id }) => !below.has(id)).sort((a, b) => b.level - a.level || (a.id < b.id ? -1 : 1)).map(node)
}

/** The tree as bands: each cluster as wide as those below it together, level 0 at the bottom with a cell for each member. */
export function treePicture(views: readonly ClusterView[]): string {
  const roots = treeOf(views)
  const top = roots.reduce((most, { view }) => Math.max(most, view.level), 0)
  const leaves = roots.reduce((sum, root) => sum + widthOf(root), 0)
  const unit = (WIDTH - 2 * MARGIN) / Math.max(1, leaves)
  const parts: string[] = []
  let at = MARGIN
  for (const root of roots) {
    draw(root, at, unit, top, parts)
    at += widthOf(root) * unit
  }
  const clusters = views.filter(({ level }) => level === 0)
  const members = clusters.flatMap((view) => view.members)
  const height = TOP + (top + 1) * (BAND + GAP)
  return svg(WIDTH, height, [
    text(MARGIN, 26, `${clusters.length} clusters, ${members.length} members, ${top + 1} level${top === 0 ? '' : 's'}`, ' font-size="15" font-weight="600"'),
    text(MARGIN, 46, 'live', ` fill="${COLOURS.live}"`) + text(MARGIN + 40, 46, 'gone, still on the roster', ` fill="${COLOURS.gone}"`) + text(MARGIN + 210, 46, 'seats and their heads above'),
    ...parts,
  ])
}

function draw({ view, children }: TreeNode, x: number, unit: number, top: number, parts: string[]): void {
  const width = widthOf({ view, children }) * unit
  const y = TOP + (top - view.level) * (BAND + GAP)
  const inset = Math.min(2, width / 10)
  parts.push(rect(x + inset, y, width - 2 * inset, BAND, COLOURS.cluster, width > 4 ? ` stroke="${FAINT}"` : ''))
  if (width >= NARROWEST_NAME) parts.push(text(x + 6, y + 15, `${view.id}, round ${view.round}`, ' font-size="10"'))
  cells(view, x + inset, y + (width >= NARROWEST_NAME ? 22 : 2), width - 2 * inset, y + BAND - 2, parts)
  let at = x
  for (const child of children) {
    const childWidth = widthOf(child) * unit
    const childTop = TOP + (top - child.view.level) * (BAND + GAP)
    parts.push(line(at + childWidth / 2, y + BAND, at + childWidth / 2, childTop, INK, ` stroke-width="${childWidth > 4 ? 1 : 0.3}"`))
    draw(child, at, unit, top, parts)
    at += childWidth
  }
}

/** One cell a member; the head's has a lid. */
function cells({ level, members, head }: ClusterView, x: number, y: number, width: number, bottom: number, parts: string[]): void {
  const each = width / Math.max(1, members.length)
  for (const [at, { peer, live }] of members.entries()) {
    const colour = level > 0 || live === undefined ? COLOURS.seat : live ? COLOURS.live : COLOURS.gone
    parts.push(rect(x + at * each + each * 0.1, y, each * 0.8, bottom - y, colour, each > 6 ? ` stroke="${PAPER}"` : ''))
    if (peer === head && each > 3) parts.push(rect(x + at * each + each * 0.1, y, each * 0.8, 4, INK))
  }
}

function widthOf({ children }: TreeNode): number {
  return children.length === 0 ? 1 : children.reduce((sum, child) => sum + widthOf(child), 0)
}
