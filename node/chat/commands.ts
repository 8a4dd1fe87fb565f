/** What can be typed instead of a question. */
export const COMMANDS = {
  help: ['', 'what can be typed here'],
  model: ['[NAME]', 'answer with another model; without a name, lists those that there are'],
  verify: ['[FILE]', 'check the last design: by the testbench in FILE; without one, synthesis for Verilog, meaning for OpenQASM'],
  save: ['FILE', 'write the last design to a file, or the whole conversation where FILE ends in .md'],
  reset: ['', 'forget what was said; the model stays'],
  exit: ['', 'end the conversation, as Ctrl-D does'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>

export type CommandName = keyof typeof COMMANDS

export interface ChatCommand {
  /** Any word: what there is not is told to the user. */
  readonly name: string
  readonly argument: string
}

/** The command that a turn is: a slash and a word at its beginning. Comments of Verilog begin with two slashes. */
export function commandIn(turn: string): ChatCommand | undefined {
  const found = /^\/([A-Za-z]\w*)(?:[ \t]+([^\n]*))?$/.exec(turn)
  return found ? { name: found[1]!, argument: found[2]?.trim() ?? '' } : undefined
}

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

export function helpLines(): string[] {
  const lines = Object.entries(COMMANDS).map(([name, [argument, meaning]]) => [`/${name} ${argument}`.trimEnd(), meaning] as const)
  const width = Math.max(...lines.map(([command]) => command.length))
  return [
    'Ask for a design; what was said before is part of the question.',
    ...lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`),
    'A line that ends in \\ goes on in the next. Ctrl-C stops an answer, Ctrl-D ends the conversation.',
  ]
}
