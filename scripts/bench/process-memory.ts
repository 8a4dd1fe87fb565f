import { readdirSync, readFileSync } from 'node:fs'

/** A process as /proc shows it. */
export interface ProcessInfo {
  readonly id: number
  readonly parent: number
  /** Command line, arguments separated by spaces. */
  readonly command: string
}

/** All processes of the machine. Linux only; elsewhere the list is empty. */
export function processes(): ProcessInfo[] {
  return numbersIn('/proc').flatMap((id) => {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
      // The name stands in brackets and may hold spaces.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return [{ id, parent, command: readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }]
    } catch {
      return []
    }
  })
}

/** A process and all that it started, directly or not. */
export function treeOf(root: number, all: readonly ProcessInfo[]): ProcessInfo[] {
  const own = all.filter(({ id }) => id === root)
  const children = all.filter(({ parent }) => parent === root)
  return [...own, ...children.flatMap((child) => treeOf(child.id, all))]
}

/** Proportional set size in bytes: memory that processes share is counted in shares. 0 for a process that has ended. */
export function proportionalSetSize(id: number): number {
  try {
    const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))
    return line ? Number(line[1]) * 1024 : 0
  } catch {
    return 0
  }
}

function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}
