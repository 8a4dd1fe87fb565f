/** Conversations with the base that ships, as the program holds them but for the terminal. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { Conversation } from '../../../node/chat/conversation.js'
import { openPartner } from '../../../node/chat/open-partner.js'
import { Session } from '../../../node/chat/session.js'
import { ADDER, SUM, SUM_TESTBENCH } from '../api/serving.js'
import { skipped, withoutSandbox } from '../../quality/testbench-designs.js'
import { folderFor } from '../house.js'

const missing = await withoutSandbox()
const settings = { maximumTokens: 200, draft: 'lookup' } as const

test.serial('turns are remembered, left out from the oldest on when they no longer fit, and forgotten on demand', async (t) => {
  const partner = await openPartner(join(folderFor(t), 'data'), undefined)
  t.teardown(() => partner.close())
  const models = await partner.models()
  t.like(models, { names: ['base'], best: 'base', context: 1024, hasChatTemplate: true, domain: 'verilog' })
  const conversation = new Conversation(partner, models, settings)
  const how = { signal: new AbortController().signal, onPart: () => undefined }
  const first = await conversation.ask(ADDER, how)
  t.true(first!.text.startsWith('module add8'))
  t.is(conversation.design.trim(), first!.text.trim())
  let dropped = 0
  let asked = 1
  while (dropped === 0 && asked < 20) {
    dropped = (await conversation.ask(ADDER.replace('8-bit', `${8 + asked}-bit`), how))!.dropped
    asked += 1
  }
  t.true(dropped > 0 && dropped % 2 === 0, `${asked} questions, ${dropped} turns left out`)
  t.is(conversation.markdown.match(/^## Question$/gm)!.length, asked)
  conversation.reset()
  t.throws(() => conversation.design, { code: 'USAGE_INVALID', message: /no design yet/ })
  // Without memory, the first question has the first answer again.
  t.is((await conversation.ask(ADDER, how))!.text, first!.text)
})

test.serial('an answer that is stopped counts as far as it was written, and the conversation goes on', async (t) => {
  const partner = await openPartner(join(folderFor(t), 'data'), undefined)
  t.teardown(() => partner.close())
  const conversation = new Conversation(partner, await partner.models(), { ...settings, draft: 'none' })
  const stop = new AbortController()
  let shown = ''
  t.is(await conversation.ask(ADDER, {
    signal: stop.signal,
    onPart: ({ text }) => {
      shown += text
      if (shown.length > 20) stop.abort()
    },
  }), undefined)
  t.true(shown.length > 20)
  t.true(conversation.markdown.includes(shown.trimEnd()))
  const early = new AbortController()
  early.abort()
  t.is(await conversation.ask('never heard', { signal: early.signal, onPart: () => t.fail() }), undefined)
  t.false(conversation.markdown.includes('never heard'))
  t.true((await conversation.ask(ADDER, { signal: new AbortController().signal, onPart: () => undefined }))!.text.length > 0)
})

test.serial('commands check, save, choose and explain, and tell what they cannot do', async (t) => {
  const folder = folderFor(t)
  const partner = await openPartner(join(folder, 'data'), undefined)
  t.teardown(() => partner.close())
  const models = await partner.models()
  let answers = ''
  let said: string[] = []
  const session = new Session(new Conversation(partner, models, settings), {
    part: ({ text }) => { answers += text },
    endOfAnswer: () => { answers += '\n' },
    say: (...lines) => said.push(...lines),
  }, models.context)
  const { signal } = new AbortController()
  const take = async (turn: string): Promise<string> => {
    said = []
    t.true(await session.take(turn, signal))
    return said.join('\n')
  }
  await t.throwsAsync(session.take('/verify', signal), { code: 'USAGE_INVALID', message: /no design yet/ })
  await t.throwsAsync(session.take('/save x.v', signal), { code: 'USAGE_INVALID', message: /no design yet/ })
  t.regex(await take(ADDER), /^model base, draft lookup: \d+ tokens in/)
  t.true(answers.startsWith('module add8'))
  const stopped = new AbortController()
  stopped.abort()
  said = []
  await session.take('/verify', stopped.signal)
  t.deepEqual(said, ['stopped'])
  t.regex(await take('/verify'), /^pass: [\s\S]*\nsize \d+, depth \d+$/)
  t.regex(await take('/help'), /\/verify/)
  t.is(await take('/model'), '* base')
  t.is(await take('/model meshwright/base'), '* base')
  const file = join(folder, 'add8.v')
  t.is(await take(`/save ${file}`), `the last design is in ${file}`)
  t.is(readFileSync(file, 'utf8').trim(), answers.trim())
  await take(`/save ${join(folder, 'talk.md')}`)
  t.is(readFileSync(join(folder, 'talk.md'), 'utf8'), `## Question\n\n${ADDER}\n\n## Answer\n\n\`\`\`verilog\n${answers.trim()}\n\`\`\`\n`)
  for (const [turn, message] of [
    ['/fly', /there is no \/fly: \/help lists/], ['/model gpt', /there is no model "gpt": use base/], ['/save', /name the file/], [`/save ${join(folder, 'nowhere', 'x.v')}`, /cannot be written \(ENOENT\)/],
    ['/verify nowhere.v', /the testbench .*nowhere\.v cannot be read \(ENOENT\)/], ['/reset now', /\/reset takes nothing/], ['/constructor', /there is no \/constructor/],
  ] as const) await t.throwsAsync(session.take(turn, signal), { code: 'USAGE_INVALID', message }, turn)
  await t.throwsAsync(session.take('module '.repeat(2000), signal), { code: 'INFERENCE_PROMPT_TOO_LONG' })
  t.is(await take('/reset'), 'forgotten')
  if (!skipped(t, missing)) {
    await take(SUM)
    const bench = join(folder, 'sum_tb.v')
    writeFileSync(bench, SUM_TESTBENCH)
    t.regex(await take(`/verify ${bench}`), /^pass: [\s\S]*MESHWRIGHT PASS.* \(iverilog\)$/)
    writeFileSync(bench, SUM_TESTBENCH.replace('(x + y)', '(x - y)'))
    t.regex(await take(`/verify ${bench}`), /^fail: [\s\S]* \(iverilog\)$/)
    writeFileSync(bench, 'just text')
    await t.throwsAsync(session.take(`/verify ${bench}`, signal), { code: 'INFERENCE_TESTBENCH_INVALID', message: /there is no module in the testbench/ })
  }
  t.false(await session.take('/exit', signal))
})
