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

/** Asks for the most probable continuation of a prompt, without speculation, and reads the stream to its end. */
export async function streamed(root: string, prompt: readonly number[], maximumTokens: number): Promise<Streamed> {
  const begun = performance.now()
  const response = await fetch(`${root}/v1/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt, max_tokens: maximumTokens, stream: true, stream_options: { include_usage: true }, meshwright: { draft: 'none' } }),
  })
  if (!response.ok || !response.body) throw new Error(`the server answers ${response.status}: ${await response.text()}`)
  let firstAt: number | undefined
  let finish = ''
  let usage: Chunk['usage'] = null
  let rest = ''
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const events = (rest + decoder.decode(read.value, { stream: true })).split('\n\n')
    rest = events.pop()!
    for (const event of events) {
      if (!event.startsWith('data: {')) continue
      const chunk = JSON.parse(event.slice('data: '.length)) as Chunk
      if (chunk.error) throw new Error(chunk.error.message)
      const [choice] = chunk.choices
      if (choice && choice.text !== '') firstAt ??= performance.now()
      finish = choice?.finish_reason ?? finish
      usage = chunk.usage ?? usage
    }
  }
  const endedAt = performance.now()
  return {
    begun, endedAt, finish, firstAt: firstAt ?? endedAt,
    tokens: usage!.completion_tokens, promptTokens: usage!.prompt_tokens, cachedTokens: usage!.prompt_tokens_details.cached_tokens,
  }
}
