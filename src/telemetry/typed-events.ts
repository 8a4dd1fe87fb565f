/** Listeners by the event's name. `Events` maps each name to what its listeners get. */
export class TypedEvents<Events extends object> {
  // Keyed loosely, so that an emitter of many events can be handed to whoever emits or hears a few of them.
  private readonly listeners = new Map<PropertyKey, Set<(event: never) => void>>()

  /** Those who hear all events. */
  private readonly watchers = new Set<<Name extends keyof Events>(name: Name, event: Events[Name]) => void>()

  /** Calls `watcher` with every event, after those who listen to its name alone. @returns a function that ends the watching */
  watch(watcher: <Name extends keyof Events>(name: Name, event: Events[Name]) => void): () => void {
    const own: typeof watcher = (name, event) => watcher(name, event)
    this.watchers.add(own)
    return () => { this.watchers.delete(own) }
  }

  /** @returns a function that ends the listening */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const own = (event: Events[Name]): void => listener(event)
    const listeners = this.listeners.get(name) ?? new Set()
    this.listeners.set(name, listeners.add(own))
    return () => { listeners.delete(own) }
  }

  /** The next event of this name for which `matches` holds. Rejects with the signal's reason where that aborts first. */
  next<Name extends keyof Events>(name: Name, { matches = () => true, signal }: {
    readonly matches?: (event: Events[Name]) => boolean
    readonly signal?: AbortSignal
  } = {}): Promise<Events[Name]> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        end()
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
      }
      const end = this.on(name, (event) => {
        if (!matches(event)) return
        end()
        signal?.removeEventListener('abort', stop)
        resolve(event)
      })
      if (signal?.aborted === true) stop()
      else signal?.addEventListener('abort', stop, { once: true })
    })
  }

  /** Calls the listeners in the order in which they came, those of this moment; an error of one does not keep the event from the others and is thrown at the end. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const errors: unknown[] = []
    const tell = (act: () => void): void => {
      try {
        act()
      } catch (error) {
        errors.push(error)
      }
    }
    for (const listener of [...this.listeners.get(name) ?? []] as ((event: Events[Name]) => void)[]) tell(() => listener(event))
    for (const watcher of [...this.watchers]) tell(() => watcher(name, event))
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} listeners of "${String(name)}" failed`)
  }
}
