/**
 * libp2p 3 calls `Promise.withResolvers`, which came with Node 22. Import this before anything of libp2p, and Node 20.19 runs it as well.
 *
 * @see ECMAScript 2024, section 27.2.4.9
 */
const missing = !Reflect.has(Promise, 'withResolvers')

if (missing) {
  Object.defineProperty(Promise, 'withResolvers', {
    configurable: true,
    writable: true,
    value: function withResolvers<T>(this: PromiseConstructor): PromiseWithResolvers<T> {
      let resolve!: PromiseWithResolvers<T>['resolve']
      let reject!: PromiseWithResolvers<T>['reject']
      const promise = new this<T>((onResolve, onReject) => {
        resolve = onResolve
        reject = onReject
      })
      return { promise, resolve, reject }
    },
  })
}

export {}
