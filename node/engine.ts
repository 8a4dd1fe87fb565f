/**
 * How V8 works in our programs; imported first of all.
 *
 * It compiles a function anew, optimised, once that has run about so much bytecode; by default 67,584 bytes. A node's work is many different things done seldom, and compiling them
 * took a quarter of all that it spent in its first minute. What computes much reaches ten times as much within milliseconds. Node 22 and 24 count calls instead, and have no such flag.
 */
import { setFlagsFromString } from 'node:v8'

/** Of Node 20. */
const WITH_BUDGET = '11.'

if (process.versions.v8.startsWith(WITH_BUDGET)) setFlagsFromString('--interrupt-budget=675840')
