/** A field in which two networks differ, with both values as short text. */
export interface Difference {
  readonly field: string
  readonly ours: string
  readonly theirs: string
}

/** The first field, in the order of ours, in which two geneses differ. */
export function firstDifference(ours: unknown, theirs: unknown, field = ''): Difference | undefined {
  if (isRecord(ours) && isRecord(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const difference = firstDifference(own(ours, key), own(theirs, key), field === '' ? key : `${field}.${key}`)
      if (difference !== undefined) return difference
    }
    return undefined
  }
  const [a, b] = [shown(ours), shown(theirs)]
  return a === b ? undefined : { field: short(field), ours: short(a), theirs: short(b) }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** A stranger's field may be called as something that all objects have. */
function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value)
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}
