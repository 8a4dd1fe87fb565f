import type { Transport } from '../network/index.js'

export interface Counted {
  readonly transport: Transport
  readonly traffic: { bytesSent: number, bytesReceived: number }
}

/** Counts what passes: messages once for each peer that took one, and pulled content. Content that others pull from here is not seen by it. */
export function countTraffic(transport: Transport): Counted {
  const traffic = { bytesSent: 0, bytesReceived: 0 }
  return {
    traffic,
    transport: {
      self: transport.self,
      async publish(topic, message) {
        const took = await transport.publish(topic, message)
        traffic.bytesSent += took * message.length
        return took
      },
      subscribe: (topic, receive) => transport.subscribe(topic, (message, from) => {
        traffic.bytesReceived += message.length
        receive(message, from)
      }),
      offer: (bytes) => transport.offer(bytes),
      offerStored: (id, load) => { transport.offerStored(id, load) },
      withdraw: (id) => { transport.withdraw(id) },
      async pull(id, holders, options) {
        const bytes = await transport.pull(id, holders, options)
        traffic.bytesReceived += bytes.length
        return bytes
      },
      rate: (peer, reputation) => { transport.rate(peer, reputation) },
    },
  }
}
