/**
 * The server, asked by OpenAI's own Python client. Not part of `npm test`, which has the JavaScript one.
 * MESHWRIGHT_PYTHON names the Python; without it, that of scripts/interop/setup.sh is used.
 */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import test from 'ava'

import { GenerationEngine } from '../../node/serving/generation-engine.js'
import { findPackageRoot } from '../../src/config/index.js'
import { embeddedService, serving } from '../node/api/serving.js'

const root = findPackageRoot()

test('chats, streams, verdicts and errors reach the Python client as it expects them', async (t) => {
  const { service, close } = await embeddedService()
  t.teardown(close)
  const { url } = await serving(t, { engine: new GenerationEngine({ service }) })
  const python = process.env.MESHWRIGHT_PYTHON ?? path.join(root, 'build', 'interop', 'venv', 'bin', 'python')
  const { stdout } = await promisify(execFile)(python, [path.join(root, 'scripts', 'interop', 'openai_client.py'), url])
  const seen = JSON.parse(stdout) as Readonly<Record<string, unknown>> & { readonly text: string, readonly tokens: number }
  t.true(seen.text.startsWith('module add8'))
  t.like(seen, {
    models: ['meshwright/base'], finish: 'stop', streamed: seen.text, streamedTokens: seen.tokens, verdict: 'pass', several: ['length', 'length'],
    errors: {
      model: ['NotFoundError', 404, 'model_not_found', 'model'],
      range: ['BadRequestError', 400, 'invalid_value', 'n'],
      context: ['BadRequestError', 400, 'context_length_exceeded', 'prompt'],
      json: ['UnprocessableEntityError', 422, 'response_format_unmet', 'response_format'],
    },
  })
})
