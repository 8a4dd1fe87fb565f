import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'

import * as esbuild from 'esbuild'
import type { Metafile, Plugin } from 'esbuild'

import { startedIn } from './entries.js'

/** They bring native code or WebAssembly files, which they look for beside themselves. */
const EXTERNAL = ['onnxruntime-node', '@yowasp/yosys', 'qsharp-lang']

/** CommonJS packages among those bundled call it for Node's own modules. */
const REQUIRE = 'import { createRequire as createRequireOfBundle } from \'node:module\'; const require = createRequireOfBundle(import.meta.url);'

export interface BundleOptions {
  /** The compiler's output. */
  readonly dist: string
  /** Compiled scripts by the name that each has in the bundle. */
  readonly entries: Readonly<Record<string, string>>
  /** Nothing else may lie there: what is no part of the bundle is removed. */
  readonly folder: string
}

/** Puts scripts with all that they import into few files. What several of them need, or what is imported only when needed, gets a file of its own. */
export async function bundle({ dist, entries, folder }: BundleOptions): Promise<Metafile> {
  const { metafile } = await esbuild.build({
    entryPoints: { ...entries },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    chunkNames: 'part-[hash]',
    external: EXTERNAL,
    banner: { js: REQUIRE },
    legalComments: 'linked',
    metafile: true,
    logLevel: 'warning',
    plugins: [besideBundle(dist, entries), englishOnly],
  })
  // Only now, so that a program that is starting finds all of one build or of the other.
  const outputs = new Set(Object.keys(metafile.outputs).map((file) => path.resolve(file)))
  await Promise.all((await readdir(folder)).map((name) => path.join(folder, name)).filter((file) => !outputs.has(file)).map((file) => rm(file, { recursive: true })))
  return metafile
}

/** All files of the bundle lie in one folder: there code finds the scripts that it starts. */
function besideBundle(dist: string, entries: Readonly<Record<string, string>>): Plugin {
  const names = new Map(Object.entries(entries).map(([name, script]) => [path.resolve(script), name]))
  return {
    name: 'beside bundle',
    setup(build) {
      build.onLoad({ filter: /\.js$/ }, async ({ path: file }) => {
        if (!file.startsWith(dist + path.sep)) return undefined
        let contents = await readFile(file, 'utf8')
        for (const { script, text } of startedIn(file, contents)) {
          const name = names.get(script)
          // The peer of a benchmark reaches code that starts threads, and starts none.
          if (name !== undefined) contents = contents.replaceAll(text, `new URL('./${name}.js', import.meta.url)`)
        }
        return { contents, loader: 'js' }
      })
    },
  }
}

/** zod's error messages in 40 languages are 40 % of a peer's code otherwise; ours are English. */
const englishOnly: Plugin = {
  name: 'english only',
  setup(build) {
    build.onResolve({ filter: /\/locales\/index\.js$/ }, ({ resolveDir, importer }) => {
      if (!importer.includes(`${path.sep}zod${path.sep}`)) return undefined
      return { path: 'locales', namespace: 'english-only', pluginData: resolveDir }
    })
    build.onLoad({ filter: /.*/, namespace: 'english-only' }, ({ pluginData }) => ({ contents: 'export { default as en } from \'../locales/en.js\'', resolveDir: String(pluginData), loader: 'js' }))
  },
}
