/**
 * Angles as they stand in a design: `pi/4`, `-3*pi/8`, `0.35`, or a multiple of a gate's parameter such as `theta/2`.
 * Arithmetic is exact, so that two codings of one rotation differ by nothing but floating point.
 */
interface Multiple {
  /** `pi`, the name of a parameter, or empty for a plain number. */
  readonly unit: string
  readonly numerator: number
  readonly denominator: number
}

const SYMBOLIC = /^(-?)(?:(\d+)\*)?([a-z]\w*)(?:\/(\d+))?$/
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

export const negate = (angle: string): string => scaleAngle(angle, -1)
export const half = (angle: string): string => scaleAngle(angle, 1, 2)
export const double = (angle: string): string => scaleAngle(angle, 2)

/** `angle` times numerator / denominator (integers). */
export function scaleAngle(angle: string, numerator: number, denominator = 1): string {
  const { unit, ...of } = parse(angle)
  return format(reduce(unit, of.numerator * numerator, of.denominator * denominator))
}

/** The sum of two angles of the same unit: both multiples of pi, or both plain numbers. */
export function addAngles(left: string, right: string): string {
  const a = parse(left)
  const b = parse(right)
  if (a.unit !== b.unit) throw new RangeError(`${left} and ${right} have different units: write both as multiples of pi or both as numbers`)
  return format(reduce(a.unit, a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator))
}

/** Radians. Only for multiples of pi and plain numbers. */
export function angleValue(angle: string): number {
  const { unit, numerator, denominator } = parse(angle)
  if (unit !== '' && unit !== 'pi') throw new RangeError(`${angle} has no value: ${unit} is a parameter`)
  return (unit === 'pi' ? Math.PI : 1) * numerator / denominator
}

function parse(angle: string): Multiple {
  const symbolic = SYMBOLIC.exec(angle)
  if (symbolic) {
    const sign = symbolic[1] === '-' ? -1 : 1
    return reduce(symbolic[3]!, sign * Number(symbolic[2] ?? 1), Number(symbolic[4] ?? 1))
  }
  const decimal = DECIMAL.exec(angle)
  if (!decimal) throw new RangeError(`${angle} is no angle: write it like pi/4, -3*pi/8 or 0.35`)
  const fraction = decimal[3] ?? ''
  const sign = decimal[1] === '-' ? -1 : 1
  return reduce('', sign * Number(`${decimal[2]!}${fraction}`), 10 ** fraction.length)
}

function reduce(unit: string, numerator: number, denominator: number): Multiple {
  const divisor = greatestCommonDivisor(Math.abs(numerator), denominator)
  return { unit, numerator: numerator / divisor, denominator: denominator / divisor }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

function format({ unit, numerator, denominator }: Multiple): string {
  if (numerator === 0) return '0.0'
  const sign = numerator < 0 ? '-' : ''
  const size = Math.abs(numerator)
  if (unit === '') return sign + formatDecimal(size, denominator)
  return `${sign}${size === 1 ? '' : `${size}*`}${unit}${denominator === 1 ? '' : `/${denominator}`}`
}

/** Always with a decimal point: a bare integer is not an angle to every OpenQASM compiler. */
function formatDecimal(numerator: number, denominator: number): string {
  let places = 1
  while (10 ** places % denominator !== 0) places++
  const digits = String(numerator * 10 ** places / denominator).padStart(places + 1, '0')
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`
}
