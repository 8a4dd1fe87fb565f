/**
 * A house style: how one company writes. It changes names and layout, never function, except for the reset,
 * whose kind and polarity the specification states.
 */
export interface HouseStyle {
  readonly id: string
  readonly indent: string
  readonly clock: string
  readonly reset: ResetStyle
  /** Name of a port or signal for a role, for instance `din` or `data_i` for the role `data`. Roles: see `ROLES`. */
  readonly names: Readonly<Record<Role, string>>
  /** Appended to every module or gate name, for instance `_core`. May be empty. */
  readonly moduleSuffix: string
  /** `begin` and `end` around single statements. */
  readonly alwaysBegin: boolean
  /** `logic`-free Verilog-2001 (`always @(posedge clk)`) or SystemVerilog (`always_ff`, `always_comb`). */
  readonly dialect: 'verilog' | 'systemverilog'
}

export interface ResetStyle {
  readonly name: string
  readonly activeLow: boolean
  readonly asynchronous: boolean
}

/** What a port or signal is for. Families ask for names by role, so that a house names things alike in all its designs. */
export const ROLES = [
  'data', 'output', 'a', 'b', 'carryIn', 'carryOut', 'sum', 'select', 'enable', 'load', 'clear', 'valid', 'ready', 'write', 'read',
  'full', 'empty', 'count', 'state', 'request', 'grant', 'start', 'done', 'busy', 'serial', 'address', 'mask', 'flag', 'threshold', 'direction',
  'overflow', 'amount', 'parity', 'error', 'operation', 'position', 'low', 'high', 'c', 'accumulator', 'less', 'equal', 'greater',
] as const
export type Role = typeof ROLES[number]

/** Candidate names per role; a house draws one of each. All names in one row are distinct from every other role's. */
export const ROLE_NAMES: Readonly<Record<Role, readonly [string, ...string[]]>> = {
  data: ['din', 'd', 'data_in', 'data_i'],
  output: ['q', 'dout', 'out', 'data_o'],
  a: ['a', 'x', 'in0', 'op_a'],
  b: ['b', 'y', 'in1', 'op_b'],
  carryIn: ['cin', 'ci', 'carry_in'],
  carryOut: ['cout', 'co', 'carry_out'],
  sum: ['sum', 's', 'result', 'res'],
  select: ['sel', 's_i', 'mode', 'pick'],
  enable: ['en', 'enable', 'ce', 'en_i'],
  load: ['load', 'ld', 'load_i'],
  clear: ['clr', 'clear', 'flush'],
  valid: ['valid', 'vld', 'valid_i'],
  ready: ['ready', 'rdy', 'ready_o'],
  write: ['wr', 'wr_en', 'push', 'we'],
  read: ['rd', 'rd_en', 'pop', 're'],
  full: ['full', 'full_o', 'is_full'],
  empty: ['empty', 'empty_o', 'is_empty'],
  count: ['count', 'cnt', 'level'],
  state: ['state', 'st', 'state_q'],
  request: ['req', 'request', 'req_i'],
  grant: ['gnt', 'grant', 'gnt_o'],
  start: ['start', 'go', 'start_i'],
  done: ['done', 'done_o', 'fin'],
  busy: ['busy', 'busy_o', 'active'],
  serial: ['sin', 'ser', 'rx', 'bit_i'],
  address: ['addr', 'adr', 'idx'],
  mask: ['mask', 'msk', 'mask_i'],
  flag: ['flag', 'hit', 'match', 'z'],
  threshold: ['limit', 'thr', 'duty', 'cmp'],
  direction: ['up', 'dir', 'up_i'],
  overflow: ['ovf', 'overflow', 'ov'],
  amount: ['shamt', 'amt', 'shift'],
  parity: ['par', 'parity', 'pb'],
  error: ['err', 'error', 'bad'],
  operation: ['op', 'func', 'opcode'],
  position: ['pos', 'index', 'loc'],
  low: ['lo', 'low', 'lower'],
  high: ['hi', 'high', 'upper'],
  c: ['c', 'in2', 'op_c'],
  accumulator: ['acc', 'total', 'accum'],
  less: ['lt', 'less', 'is_lt'],
  equal: ['eq', 'equal', 'is_eq'],
  greater: ['gt', 'greater', 'is_gt'],
}

const INDENTS = ['  ', '    '] as const
const CLOCKS = ['clk', 'clock', 'clk_i', 'i_clk'] as const
const RESETS = ['rst', 'reset', 'rst_i'] as const
const RESETS_LOW = ['rst_n', 'resetn', 'rst_ni'] as const
const SUFFIXES = ['', '_core', '_unit', '_top'] as const

/** The house in which references are checked: neutral names, so that a verdict holds for every renaming of it. */
export const PLAIN_HOUSE: HouseStyle = house('plain', () => 0)

/**
 * A house drawn at random.
 *
 * @param pick - returns an integer in [0, length): injected, so that a corpus is reproducible
 */
export function house(id: string, pick: (length: number) => number): HouseStyle {
  const one = <T>(choices: readonly T[]): T => choices[pick(choices.length)]!
  const activeLow = pick(2) === 1
  const names = {} as Record<Role, string>
  for (const role of ROLES) names[role] = one(ROLE_NAMES[role])
  return {
    id,
    indent: one(INDENTS),
    clock: one(CLOCKS),
    reset: { name: one(activeLow ? RESETS_LOW : RESETS), activeLow, asynchronous: pick(2) === 1 },
    names,
    moduleSuffix: one(SUFFIXES),
    alwaysBegin: pick(2) === 1,
    dialect: pick(4) === 3 ? 'systemverilog' : 'verilog',
  }
}
