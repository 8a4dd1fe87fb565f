import { send } from '../context.js'
import type { Context } from '../context.js'

/** Messages of parts that are said again and again, mostly the same ones: put together and encoded only where their parts have changed. */
export class Repeated {
  private readonly last = new Map<string, { readonly parts: readonly object[], readonly message: Uint8Array }>()

  constructor(private readonly context: Context) {}

  /** Sends parts on the topic of a cluster; `encode` makes a message of them, and is called only where other parts were sent there last. */
  say(topicOf: string, parts: readonly object[], encode: () => Uint8Array): void {
    const before = this.last.get(topicOf)
    const isSame = before?.parts.length === parts.length && before.parts.every((part, at) => part === parts[at])
    const message = isSame ? before.message : encode()
    if (!isSame) this.last.set(topicOf, { parts: [...parts], message })
    send(this.context, topicOf, message)
  }
}
