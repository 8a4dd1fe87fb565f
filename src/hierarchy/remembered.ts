/**
 * A function of objects that never change, which makes its result once for each: peers of one process, and repetitions of one message, ask for the same.
 *
 * @param make - of the object alone; what it throws is not remembered
 */
export function remembered<Key extends object, Value extends object | string>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}
