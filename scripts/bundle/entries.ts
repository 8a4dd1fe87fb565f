import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** How code names a script of its own that it starts as a thread or a process. */
const STARTED = /new URL\(\s*'([^']+\.js)',\s*import\.meta\.url\s*\)/g

/** The folders of `dist` whose code users run. */
const FOLDERS = ['src', 'node', 'bootstrap']

/** The scripts that are started in a file of compiled code, with what each is there called. */
export function startedIn(file: string, code: string): { readonly script: string, readonly text: string }[] {
  return [...code.matchAll(STARTED)].map(([text, relative]) => ({ text, script: path.resolve(path.dirname(file), relative!) }))
}

/**
 * Every script that code in these folders starts: each is a file of its own in the bundle.
 *
 * @param dist - where the compiler has put its output
 */
export function startedScripts(dist: string): string[] {
  const files = FOLDERS.flatMap((folder) => readdirSync(path.join(dist, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(dist, folder, name)))
  return [...new Set(files.filter((file) => file.endsWith('.js')).flatMap((file) => startedIn(file, readFileSync(file, 'utf8'))).map(({ script }) => script))].sort()
}
