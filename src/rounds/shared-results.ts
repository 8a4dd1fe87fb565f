/** Results of one kind of computation that are remembered for one object at most: further ones are computed again. */
const KEPT_AT_MOST = 64

/**
 * Results of pure functions, for all peers of one process: members of a cluster compute the same from the same. A result is remembered as long as somebody
 * holds it and the object that it belongs to, and found under a key that names all else that it follows from.
 */
export class SharedResults<Owner extends object, Result extends object> {
  private readonly results = new WeakMap<Owner, Map<string, WeakRef<Result>>>()

  /** @param compute - called where nobody holds the result; what it throws is not remembered */
  of(owner: Owner, key: string, compute: () => Result): Result {
    let known = this.results.get(owner)
    const before = known?.get(key)?.deref()
    if (before !== undefined) return before
    const result = compute()
    if (known === undefined) {
      known = new Map()
      this.results.set(owner, known)
    }
    known.set(key, new WeakRef(result))
    if (known.size > KEPT_AT_MOST) known.delete(known.keys().next().value!)
    return result
  }
}

const numbers = new WeakMap<object, number>()
let numbered = 0

/** A number for an object in this process, for keys: what has one number is one object. */
export function numberOf(object: object | undefined): number {
  if (object === undefined) return 0
  let number = numbers.get(object)
  if (number === undefined) {
    number = ++numbered
    numbers.set(object, number)
  }
  return number
}
