import type { FastifyReply } from 'fastify'

/** Bytes that wait for a slow reader before it is given up. */
const MOST_WAITING = 4 << 20

/** An answer in server-sent events. It is begun with the first event, so that what fails before has a status of its own. */
export class EventStream {
  #isOpen = false
  #isOver = false
  #slow: NodeJS.Timeout | undefined

  /**
   * @param patience - milliseconds that a reader may take nothing while data wait for it
   * @param onGivenUp - called once the reader is given up; its connection is closed by then
   */
  constructor(private readonly reply: FastifyReply, private readonly patience: number, private readonly onGivenUp: () => void) {}

  get isOpen(): boolean { return this.#isOpen }

  send(data: object): void {
    this.#write(`data: ${JSON.stringify(data)}\n\n`)
  }

  /** Something that clients leave out, to show that the server is alive. */
  comment(text: string): void {
    this.#write(`: ${text}\n\n`)
  }

  end(): void {
    if (this.#isOver) return
    this.#write('data: [DONE]\n\n')
    this.#isOver = true
    this.reply.raw.end()
    // What is still on its way has the same patience.
    if (!this.reply.raw.closed) this.#slow ??= setTimeout(() => this.#giveUp(), this.patience)
  }

  #write(text: string): void {
    const { raw } = this.reply
    if (this.#isOver || raw.destroyed) return
    if (!this.#isOpen) this.#open()
    if (raw.write(text)) return
    if (raw.writableLength > MOST_WAITING) {
      this.#giveUp()
      return
    }
    this.#slow ??= setTimeout(() => this.#giveUp(), this.patience)
  }

  #open(): void {
    this.#isOpen = true
    const headers = Object.fromEntries(Object.entries(this.reply.getHeaders()).filter((entry): entry is [string, string | number | string[]] => entry[1] !== undefined))
    this.reply.hijack()
    const stop = (): void => {
      clearTimeout(this.#slow)
      this.#slow = undefined
    }
    this.reply.raw.on('drain', stop).once('close', stop)
    this.reply.raw.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
  }

  #giveUp(): void {
    this.#isOver = true
    clearTimeout(this.#slow)
    this.reply.raw.destroy()
    this.onGivenUp()
  }
}
