import { controlAddress } from '../control/address.js'
import { connectControl } from '../control/client.js'
import { codeOf } from '../control/errors.js'
import { parseParameters } from '../control/parameters.js'
import { generateSchema } from '../serving/request.js'
import type { GenerateAnswer, GenerateEvent, GenerateInput } from '../serving/request.js'
import { dataFolderOf, loadSettings } from '../settings/settings.js'
import { percentText } from '../terminal/numbers.js'
import { partText, writingText } from '../terminal/writing.js'
import { printJson } from './output.js'

export interface GenerateRun {
  readonly data: string | undefined
  readonly checker: string | undefined
  readonly json: boolean
  readonly request: GenerateInput
}

/** Writes a design through the running node, or from the data folder, and shows it. */
export async function runGenerate({ data, checker, json, request }: GenerateRun): Promise<GenerateAnswer> {
  const folder = dataFolderOf(data)
  const show = json ? () => undefined : showParts()
  const answer = await throughNode(folder, request, show) ?? await standalone(folder, checker, request, show)
  if (json) printJson(answer)
  else process.stderr.write(summaryLines(answer).map((line) => `${line}\n`).join(''))
  return answer
}

async function throughNode(folder: string, request: GenerateInput, onEvent: (event: GenerateEvent) => void): Promise<GenerateAnswer | undefined> {
  const node = await connectControl(controlAddress(folder)).catch((error: unknown) => {
    if (codeOf(error) === 'NODE_NOT_RUNNING') return undefined
    throw error
  })
  if (!node) return undefined
  try {
    return await node.call('generate', request, (event) => onEvent(event as GenerateEvent)) as GenerateAnswer
  } finally {
    node.close()
  }
}

async function standalone(folder: string, checker: string | undefined, request: GenerateInput, onEvent: (event: GenerateEvent) => void): Promise<GenerateAnswer> {
  const { openStandalone } = await import('../serving/standalone.js')
  const { service, close } = await openStandalone(await loadSettings(folder), checker)
  try {
    return await service.generate(parseParameters(generateSchema, request), { signal: new AbortController().signal, onEvent })
  } finally {
    await close()
  }
}

/** Prints parts as they come; on a terminal, what a draft had proposed is green. */
function showParts(): (event: GenerateEvent) => void {
  let sample = -1
  const isTerminal = process.stdout.isTTY
  return (event) => {
    if (event.sample !== sample) {
      if (sample >= 0) process.stdout.write('\n')
      sample = event.sample
      if (sample > 0) process.stderr.write(`design ${sample + 1}:\n`)
    }
    process.stdout.write(partText(event, isTerminal))
  }
}

function summaryLines(answer: GenerateAnswer): string[] {
  const { tries, stopped, verdict, cost, score, served, candidates, tokensPerSecond, trueput } = answer
  return [
    '',
    writingText(answer),
    ...verdict
      ? [
          `${verdict.outcome}: ${verdict.reason} (${candidates} checked${verdict.tool === undefined ? '' : ` by ${verdict.tool}`} in ${(served.checkMilliseconds / 1000).toFixed(2)} s)`,
          ...(tries ?? []).map(({ why }, at) => `try ${at + 1}: ${why}`),
          ...stopped === undefined ? [] : [`ended since ${stopped}`],
          ...cost ? [`size ${cost.size}, depth ${cost.depth}`] : [],
          ...score === undefined ? [] : [`your metrics ${score.toFixed(3)}`],
          `Trueput ${(trueput ?? 0).toFixed(2)} verified designs/s (${tokensPerSecond.toFixed(0)} tokens/s, ${percentText(verdict.outcome === 'pass' ? 1 : 0)} passed)`,
        ]
      : [],
  ]
}
