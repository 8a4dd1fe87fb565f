import { tokenise } from '../verilog/lexer.js'
import { after } from './structure.js'

/** System functions that compute something of their arguments and of time, and do nothing else. */
const PURE = new Set(`
$signed $unsigned $clog2 $bits $size $high $low $left $right $increment $dimensions $unpacked_dimensions $cast $isunbounded
$countones $onehot $onehot0 $isunknown $countbits $rtoi $itor $realtobits $bitstoreal $shortrealtobits $bitstoshortreal
$ceil $floor $pow $sqrt $ln $log10 $exp $sin $cos $tan $asin $acos $atan $atan2 $hypot $sinh $cosh $tanh $abs $min $max
$time $stime $realtime $random $urandom $urandom_range $past $rose $fell $stable $changed $sampled
`.trim().split(/\s+/))

/** Tasks that only print, or record waves: a design does the same without them. */
const SILENCED = /^\$(?:(?:display|write|strobe|monitor)[bho]?|monitor(?:on|off)|info|warning|error|timeformat|printtimescale|dump(?:file|vars|on|off|all|flush|limit|ports))$/

export type Confined = { readonly text: string } | { readonly refused: string }

/**
 * A design that cannot speak in its testbench's place: without what it prints, and refused where it would end the simulation,
 * open a file or call what nobody knows. A verdict is read from the simulation's output, which so is the testbench's alone.
 *
 * @param source - behind the preprocessor, so that no macro hides a call
 */
export function confine(source: string): Confined {
  const tokens = tokenise(source).filter(({ kind }) => kind !== 'comment')
  let text = ''
  let end = 0
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!
    text += withoutComments(source.slice(end, token.start))
    end = token.start + token.text.length
    // A text of three quotes is one to some simulators and three to our lexer.
    const isTripleQuoted = token.text === '""' && tokens[at + 1]?.kind === 'string' && tokens[at + 1]?.start === end
    if (token.kind === 'string' && (token.text.includes('$') || isTripleQuoted)) return { refused: `the design holds the text ${token.text.slice(0, 40)}, in which calls could hide` }
    if (token.kind === 'directive' && /^`(?:include|line)$/.test(token.text)) return { refused: `the design holds a directive ${token.text} that the preprocessor left` }
    if (token.text === '$root') return { refused: 'the design reaches out of itself ($root)' }
    if (token.kind !== 'system' || PURE.has(token.text)) {
      text += token.text
      continue
    }
    if (token.text === '$fatal') {
      // It can only make the design fail.
      text += token.text
      continue
    }
    if (!SILENCED.test(token.text)) return { refused: refusal(token.text) }
    const close = tokens[at + 1]?.text === '(' ? after(tokens, at + 1, '(', ')') : at + 1
    if (tokens[close]?.text !== ';') return { refused: `the design uses ${token.text} in another form than as a statement` }
    if (tokens.slice(at + 1, close).some(({ kind, text: word }) => kind === 'system' && !PURE.has(word))) return { refused: `the design calls a task within ${token.text}` }
    text += 'begin end'
    at = close
    end = tokens[close].start + 1
  }
  return { text: text + withoutComments(source.slice(end)) }
}

/** What our lexer takes for a comment is gone, so that nothing hides where another lexer sees code. @param gap - white space and comments */
function withoutComments(gap: string): string {
  return gap.replace(/\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (comment) => comment.includes('\n') ? '\n' : ' ')
}

function refusal(task: string): string {
  if (/^\$(?:finish|stop|exit|finish_and_return)$/.test(task)) return `the design ends the simulation by itself (${task}): only its testbench may`
  if (/^\$(?:f[a-z]+|readmem[bh]|s?readmem[bh]|writemem[bh]|sdf_annotate|ungetc|rewind)$/.test(task)) return `the design reads or writes files (${task}): there are none for it`
  return `the design calls ${task}, which is not known to be harmless`
}
