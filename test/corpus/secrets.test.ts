import test from 'ava'
import fc from 'fast-check'

import { findSecret, redact } from '../../src/corpus/secrets.js'

// Put together here, so that no scanner takes this file for a leak.
const secrets: Record<string, string> = {
  'private key': `-----BEGIN RSA PRIVATE KEY-----`,
  'cloud access key': `AKIAABCDEFGHIJKLMNOP`,
  'access token': `ghp_${'a1B2c3D4e5'.repeat(4)}`,
  'web token': `eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.abcdefghijklm`,
  'e-mail address': 'jane.doe@chips.example.com',
  'licence key': 'AB12C-34DEF-56GHI-78JKL',
  'licence line': 'FEATURE synth vendord 2024.06 31-dec-2026 4 SIGN="00AA"',
  'hexadecimal key': '0123456789abcdef'.repeat(2),
  password: 'password = hunter2hunter2',
  'link with a password': 'https://build:s3cret@git.example.com/x',
}

for (const [kind, secret] of Object.entries(secrets)) {
  test(`a ${kind} is removed from comments and refused in code`, (t) => {
    const inComment = redact(`// see ${secret} for access\nmodule m; endmodule\n`)
    t.false(inComment.text.includes(secret))
    t.is(inComment.inCode, undefined)
    t.is(inComment.removed, 1)
    t.true(inComment.text.includes('module m; endmodule'))
    t.not(redact(`module m; initial $display("${secret.replaceAll('"', '')}"); endmodule`).inCode, undefined)
  })
}

test('no secret survives in a comment, wherever it stands', (t) => {
  const word = fc.constantFrom('counter', 'the', '8-bit', '\n', '*', 'reset', ...Object.values(secrets))
  fc.assert(fc.property(fc.array(word, { maxLength: 12 }), fc.boolean(), (words, block) => {
    const said = words.join(' ')
    const comment = block ? `/* ${said} */` : said.split('\n').map((line) => `// ${line}`).join('\n')
    const { text, inCode } = redact(`${comment}\nmodule m; endmodule\n`)
    t.is(findSecret(text), undefined)
    t.is(inCode, undefined)
    t.true(text.endsWith('\nmodule m; endmodule\n'))
  }))
})

test('ordinary designs hold no secrets', (t) => {
  for (const text of ['assign key = 8\'hA5;', 'localparam TOKEN_WIDTH = 12;', 'input [127:0] password_hash_q', '32\'hDEAD_BEEF', '128\'h 00112233445566778899aabbccddeeff', '// 00000000000000000000000001110011 ecall', 'cx q[0],q[1]; // entangle']) t.is(findSecret(text), undefined)
})
