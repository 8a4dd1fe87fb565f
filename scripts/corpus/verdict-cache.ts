import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What is kept of a verdict. `reason` is empty for a pass. */
export interface Judgement {
  readonly outcome: 'pass' | 'fail' | 'unknown'
  readonly reason: string
}

/**
 * Verdicts by the hash of what was judged, one JSON line each, so that a run that is broken off loses nothing.
 * Only what cannot change is kept: an `unknown` may come from a time limit and is judged again.
 */
export class VerdictCache {
  private readonly known = new Map<string, Judgement>()

  /** @param path - file of JSON lines; made on the first verdict. A torn last line is left out. */
  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) return
    for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
      const [key, outcome, reason] = JSON.parse(line) as [string, Judgement['outcome'], string]
      this.known.set(key, { outcome, reason })
    }
  }

  /** The kept verdict on these texts, or the one that `judge` gives now. */
  async of(texts: readonly string[], judge: () => Promise<Judgement>): Promise<Judgement> {
    const key = createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32)
    const kept = this.known.get(key)
    if (kept !== undefined) return kept
    const { outcome, reason } = await judge()
    if (outcome !== 'unknown') {
      this.known.set(key, { outcome, reason })
      appendFileSync(this.path, `${JSON.stringify([key, outcome, reason])}\n`)
    }
    return { outcome, reason }
  }
}
