import type { Family, Point } from './family.js'
import type { HouseStyle } from './house.js'
import { house, PLAIN_HOUSE } from './house.js'
import { Random } from './random.js'

const WORDS_AT_MOST = 60
const DESIGN_AT_MOST = 1100

/**
 * What is wrong with a family, as far as its texts alone tell. Empty for a sound one.
 *
 * @param sample - how many of its points to read, drawn always alike; all of them if not given
 */
export function structuralFaults(family: Family, sample = Infinity): string[] {
  const faults = [...pointFaults(family)]
  const random = new Random(`structure ${family.name}`)
  for (const point of random.shuffled([...family.trainingPoints, ...family.evaluationPoints]).slice(0, sample)) {
    const at = JSON.stringify(point)
    for (const style of [PLAIN_HOUSE, house('random', (length) => random.below(length))]) {
      for (const fault of textFaults(family, point, style)) faults.push(`${at}: ${fault}`)
    }
  }
  return [...new Set(faults)]
}

function pointFaults(family: Family): string[] {
  const { trainingPoints, evaluationPoints } = family
  const faults: string[] = []
  if (trainingPoints.length < 20) faults.push(`${trainingPoints.length} training points, and 20 are needed`)
  if (evaluationPoints.length < 8) faults.push(`${evaluationPoints.length} evaluation points, and 8 are needed`)
  if (family.phrasings < 4) faults.push(`${family.phrasings} phrasings, and 4 are needed`)
  if (family.codings < 2) faults.push(`${family.codings} codings, and 2 are needed`)
  for (const point of evaluationPoints) {
    const outside = Object.entries(point).some(([key, value]) => trainingPoints.every((other) => other[key] !== value))
    if (!outside) faults.push(`evaluation point ${JSON.stringify(point)} has no parameter outside the training range`)
  }
  const texts = [...trainingPoints, ...evaluationPoints].map((point) => family.describe(point, PLAIN_HOUSE, 0))
  texts.forEach((text, at) => {
    if (texts.indexOf(text) !== at) faults.push(`two points have the specification "${text}"`)
  })
  return faults
}

function textFaults(family: Family, point: Point, style: HouseStyle): string[] {
  const faults: string[] = []
  const phrasings = Array.from({ length: family.phrasings }, (_, at) => family.describe(point, style, at))
  const codings = Array.from({ length: family.codings }, (_, at) => family.write(point, style, at))
  if (new Set(phrasings).size < phrasings.length) faults.push('two phrasings are alike')
  if (new Set(codings).size < codings.length) faults.push('two codings are alike')
  codings.forEach((design, at) => {
    if (design !== family.write(point, style, at)) faults.push(`coding ${at} differs from call to call`)
    if (design.length > DESIGN_AT_MOST) faults.push(`coding ${at} has ${design.length} characters, and at most ${DESIGN_AT_MOST} are allowed`)
    if (!design.endsWith('\n') || design.endsWith('\n\n')) faults.push(`coding ${at} does not end in one newline`)
    if (/\/\/|\/\*/.test(design)) faults.push(`coding ${at} has comments`)
    if (/undefined|NaN/.test(design)) faults.push(`coding ${at} has a hole: ${design}`)
    const declared = declaredNames(family.domain, design)
    const twice = declared.find((name, index) => declared.indexOf(name) !== index)
    if (twice !== undefined) faults.push(`coding ${at} declares ${twice} twice in house ${style.id}`)
  })
  const visible = visibleNames(family.domain, codings[0]!)
  for (const [at, design] of codings.entries()) {
    if (visibleNames(family.domain, design).join() !== visible.join()) faults.push(`coding ${at} has other ports than coding 0`)
  }
  for (const [at, text] of phrasings.entries()) {
    const words = text.split(/\s+/).length
    if (words > WORDS_AT_MOST) faults.push(`phrasing ${at} has ${words} words, and at most ${WORDS_AT_MOST} are allowed: ${text}`)
    if (/undefined|NaN|\n/.test(text)) faults.push(`phrasing ${at} has a hole: ${text}`)
    for (const name of visible) {
      if (!new RegExp(`(?<![\\w])${name}(?![\\w])`).test(text)) faults.push(`phrasing ${at} does not mention ${name}: ${text}`)
    }
  }
  return faults
}

/** Module and port names of a Verilog design, register names of a QASM design: what a specification has to mention. */
export function visibleNames(domain: Family['domain'], design: string): string[] {
  if (domain === 'qasm') return qasmRegisters(design)
  const header = design.slice(0, design.indexOf(');'))
  const ports = [...header.matchAll(/^\s*(?:input|output)(?: reg| logic)?(?: \[\d+:0\])? (\w+),?$/gm)].map((match) => match[1]!)
  return [/^module (\w+)/.exec(design)?.[1] ?? 'module', ...ports]
}

/** The interface of a design as text: equal for designs that fit the same socket, whatever their module is called. */
export function portsOf(domain: Family['domain'], design: string): string {
  if (domain === 'verilog') return design.slice(design.indexOf('('), design.indexOf(');')).replaceAll('output reg', 'output')
  return [...design.matchAll(/^(?:qubit|bit|qreg|creg).*$/gm)].map(String).join('\n')
}

function declaredNames(domain: Family['domain'], design: string): string[] {
  if (domain === 'qasm') return qasmRegisters(design)
  const inside = [...design.matchAll(/^\s*(?:reg|wire|logic|integer|genvar|localparam)(?: signed)?(?: \[[^\]]+\])? (\w+(?:, \w+)*)(?= =| \[|;)/gm)]
    .flatMap((match) => match[1]!.split(', '))
  return [...visibleNames(domain, design), ...inside]
}

const qasmRegisters = (design: string): string[] =>
  [...design.matchAll(/^(?:qubit|bit|qreg|creg)(?:\[\d+\])? (\w+)/gm)].map((match) => match[1]!)
