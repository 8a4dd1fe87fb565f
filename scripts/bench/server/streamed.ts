import { createConnection } from 'node:net'

/** A text that came in a stream. Times are milliseconds of the process, `performance.now()`. */
export interface Streamed {
  readonly tokens: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly finish: string
  readonly begun: number
  readonly firstAt: number
  readonly endedAt: number
}

interface Chunk {
  readonly choices: readonly { readonly text: string, readonly finish_reason: string | null }[]
  readonly usage: { readonly prompt_tokens: number, readonly completion_tokens: number, readonly prompt_tokens_details: { readonly cached_tokens: number } } | null
  readonly error?: { readonly message: string }
}

const FIRST_TEXT = '"text":"'

/**
 * Asks for the most probable continuation of a prompt, without speculation, and reads the stream to its end.
 *
 * By a bare connection whose data are read as text once it has ended: sixteen clients are in one process beside the server's, and what they take is missing there.
 */
export async function streamed(root: string, prompt: readonly number[], maximumTokens: number): Promise<Streamed> {
  const body = JSON.stringify({ prompt, max_tokens: maximumTokens, stream: true, stream_options: { include_usage: true }, meshwright: { draft: 'none' } })
  const begun = performance.now()
  let firstAt: number | undefined
  const parts: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection(Number(new URL(root).port), '127.0.0.1')
    socket.write(`POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
    socket.on('data', (data) => {
      parts.push(data)
      if (firstAt === undefined && data.includes(FIRST_TEXT)) firstAt = performance.now()
    })
    socket.on('end', resolve).on('error', reject)
  })
  const endedAt = performance.now()
  return { begun, firstAt: firstAt ?? endedAt, endedAt, ...told(Buffer.concat(parts).toString('utf8')) }
}

/** What the events of an answer say. */
function told(answer: string): Pick<Streamed, 'tokens' | 'promptTokens' | 'cachedTokens' | 'finish'> {
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(`the server answers ${answer.slice(0, 1000)}`)
  let finish = ''
  let usage: Chunk['usage'] = null
  // Each event is a line of its own, whatever the pieces in which they were sent.
  for (const [, json] of answer.matchAll(/^data: (\{.*\})$/gm)) {
    const chunk = JSON.parse(json!) as Chunk
    if (chunk.error) throw new Error(chunk.error.message)
    finish = chunk.choices[0]?.finish_reason ?? finish
    usage = chunk.usage ?? usage
  }
  if (!usage) throw new Error('the server\'s stream has no figures')
  return { finish, tokens: usage.completion_tokens, promptTokens: usage.prompt_tokens, cachedTokens: usage.prompt_tokens_details.cached_tokens }
}
