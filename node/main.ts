#!/usr/bin/env node
import { forbidRuntimeUploads } from '../src/telemetry/index.js'
import { run } from './cli/run.js'

forbidRuntimeUploads()

process.exitCode = await run(process.argv.slice(2))
