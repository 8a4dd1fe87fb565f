// Stands in until the quality room is built; deleted then.
import { Worker } from 'node:worker_threads'

export interface InterimVerdict { outcome: 'pass' | 'fail' | 'unknown', reason: string, milliseconds: number }

const source = `
const { parentPort } = require('node:worker_threads');
(async () => {
const { runYosys } = await import(${JSON.stringify(new URL('../../../node_modules/@yowasp/yosys/gen/bundle.js', import.meta.url).href)});
await runYosys(['-V'], {}, { stdout: null, stderr: null });
let state;
async function quantum() {
  const q = await import(${JSON.stringify(new URL('../../../node_modules/qsharp-lang/dist/main.js', import.meta.url).href)});
  const b = require('node:fs').readFileSync(${JSON.stringify(new URL('../../../node_modules/qsharp-lang/lib/web/qsc_wasm_bg.wasm', import.meta.url).pathname)});
  await q.loadWasmModule(b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength));
  const c = await q.getCompiler();
  return async (s) => c.getQir({ sources: [['a.qasm', s]], languageFeatures: [], profile: 'adaptive_rif', projectType: 'openqasm' });
}
const dec = new TextDecoder();
parentPort.on('message', async ({ id, script, files, qasm }) => {
  let out = '';
  if (qasm) { try { state ??= await quantum(); parentPort.postMessage({ id, ok: true, out: await state(qasm) }) } catch (e) { parentPort.postMessage({ id, ok: false, out: String(e.message ?? e) }) } return }
  const w = (b) => { if (b) out += dec.decode(b) };
  let ok = true;
  try { runYosys(['-Q', '-T', '-p', script], files, { stdout: w, stderr: w, synchronously: true }) } catch (e) { ok = false }
  parentPort.postMessage({ id, ok, out });
});
})();
`
interface Answer { ok: boolean, out: string }

export class InterimChecker {
  private workers: Worker[] = []
  private queue: { job: object, done: (a: Answer) => void }[] = []
  private free = 2
  private runs = 0

  private run(job: object): Promise<Answer> {
    return new Promise((done) => { this.queue.push({ job, done }); this.pump() })
  }

  private pump(): void {
    while (this.free > 0 && this.queue.length > 0) {
      const { job, done } = this.queue.shift()!
      this.free--
      let worker = this.workers.pop()
      if (this.runs++ % 60 === 59 && worker) { void worker.terminate(); worker = undefined }
      const w = worker ?? new Worker(source, { eval: true })
      const timer = setTimeout(() => { void w.terminate(); finish({ ok: false, out: 'timeout' }, false) }, 30000)
      const finish = (a: Answer, keep: boolean): void => {
        clearTimeout(timer); w.removeAllListeners('message'); w.removeAllListeners('error')
        if (keep) this.workers.push(w)
        this.free++; done(a); this.pump()
      }
      w.once('message', (a: Answer) => { finish(a, true) })
      w.once('error', (e: Error) => { finish({ ok: false, out: String(e) }, false) })
      w.postMessage(job)
    }
  }

  async syntax(domain: string, text: string): Promise<InterimVerdict & { warnings: string[] }> {
    const a = domain === 'qasm'
      ? await this.run({ qasm: text })
      : await this.run({ script: `read_verilog -sv a.sv; hierarchy -check -auto-top; proc; check; select -assert-none t:$dlatch`, files: { 'a.sv': text } })
    const warnings = domain === 'qasm' ? [] : [...a.out.matchAll(/Warning: .*/g)].map(String)
    return { outcome: a.ok ? 'pass' : 'fail', reason: a.ok ? '' : (/ERROR: .*/.exec(a.out)?.[0] ?? a.out.slice(-600)), milliseconds: 0, warnings }
  }

  async equivalence(domain: string, reference: string, candidate: string): Promise<InterimVerdict> {
    if (domain === 'qasm') return this.quantum(reference, candidate)
    const plain = (s: string): string => s.replaceAll('always_comb', 'always @(*)')
    const names = [reference, candidate].map((s) => /module (\w+)/.exec(s)?.[1] ?? '')
    const reset = /input (?:logic )?(rst|rst_n|reset|resetn|rst_i|rst_ni)\b/.exec(reference)?.[1]
    const low = reset !== undefined && /n/.test(reset)
    const active = low ? 0 : 1
    const sat = reset === undefined && !/posedge/.test(reference)
      ? 'sat -prove trigger 0 -set-def-inputs miter'
      : `sat -seq 10 -prove trigger 0 -prove-skip 2 -set-def-inputs ${reset === undefined ? '' : `-set-at 1 in_${reset} ${active} -set-at 2 in_${reset} ${active}`} miter`
    const prep = (file: string, top: string, as: string): string => `read_verilog -sv ${file}; prep -flatten -top ${top}; memory_map; opt -full; design -stash ${as}; `
    const script = `${prep('a.sv', names[0]!, 'gold')}${prep('b.sv', names[1]!, 'gate')}design -copy-from gold -as gold ${names[0]}; design -copy-from gate -as gate ${names[1]}; `
      + `miter -equiv -flatten -ignore_gold_x gold gate miter; hierarchy -top miter; async2sync; dffunmap; opt_clean; ${sat}`
    const a = await this.run({ script, files: { 'a.sv': plain(reference), 'b.sv': plain(candidate) } })
    if (a.out === 'timeout') return { outcome: 'unknown', reason: 'timeout', milliseconds: 0 }
    if (/proof finished - no model found: SUCCESS!/.test(a.out)) return { outcome: 'pass', reason: '', milliseconds: 0 }
    if (/model found: FAIL!/.test(a.out)) return { outcome: 'fail', reason: 'differs', milliseconds: 0 }
    return { outcome: 'unknown', reason: a.out.slice(-600), milliseconds: 0 }
  }

  private async quantum(reference: string, candidate: string): Promise<InterimVerdict> {
    let worst = 1
    for (let round = 0; round < 3; round++) {
      const states: State[] = []
      for (const text of [reference, candidate]) {
        const { text: prepared, qubits } = withInputs(text, round)
        const a = await this.run({ qasm: prepared })
        if (!a.ok) return { outcome: 'unknown', reason: a.out.slice(0, 600), milliseconds: 0 }
        states.push(simulate(a.out, qubits))
      }
      worst = Math.min(worst, fidelity(states[0]!, states[1]!))
    }
    return { outcome: worst > 1 - 1e-6 ? 'pass' : 'fail', reason: `fidelity ${worst}`, milliseconds: 0 }
  }

  async close(): Promise<void> { await Promise.all(this.workers.map((w) => w.terminate())) }
}

interface State { re: Float64Array, im: Float64Array }

function withInputs(text: string, round: number): { text: string, qubits: number } {
  const found = [...text.matchAll(/qubit\[(\d+)\] (\w+);|qreg (\w+)\[(\d+)\];|qubit (\w+);/g)]
  let qubits = 0
  let gates = ''
  for (const m of found) {
    const n = Number(m[1] ?? m[4] ?? 1)
    for (let i = 0; i < n; i++) {
      const angle = (k: number): string => (0.3 + ((round * 7 + (qubits + i) * 3 + k) * 0.7371) % 2.4).toFixed(6)
      const q = m[5] ?? `${m[2] ?? m[3] ?? ''}[${i}]`
      if (round > 0) gates += `ry(${angle(1)}) ${q};\nrz(${angle(2)}) ${q};\n`
    }
    qubits += n
  }
  const last = found.at(-1)
  const at = last === undefined ? 0 : last.index + last[0].length
  return { text: `${text.slice(0, at)}\n${gates}${text.slice(at)}`, qubits }
}

const R = Math.SQRT1_2
const phase = (t: number): number[] => [1, 0, 0, 0, 0, 0, Math.cos(t), Math.sin(t)]
const GATES: Record<string, number[]> = { h: [R, 0, R, 0, R, 0, -R, 0], x: [0, 0, 1, 0, 1, 0, 0, 0], y: [0, 0, 0, -1, 0, 1, 0, 0], z: phase(Math.PI), s: phase(Math.PI / 2), s__adj: phase(-Math.PI / 2), t: phase(Math.PI / 4), t__adj: phase(-Math.PI / 4) }
const ROTATIONS: Record<string, (t: number) => number[]> = {
  rx: (t) => [Math.cos(t / 2), 0, 0, -Math.sin(t / 2), 0, -Math.sin(t / 2), Math.cos(t / 2), 0],
  ry: (t) => [Math.cos(t / 2), 0, -Math.sin(t / 2), 0, Math.sin(t / 2), 0, Math.cos(t / 2), 0],
  rz: (t) => [Math.cos(t / 2), -Math.sin(t / 2), 0, 0, 0, 0, Math.cos(t / 2), Math.sin(t / 2)],
}

function apply({ re, im }: State, target: number, m: number[], control = 0): void {
  const b = 1 << target
  const [ar, ai, br, bi, cr, ci, dr, di] = m as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < re.length; i++) {
    if (i & b || (i & control) !== control) continue
    const j = i | b, xr = re[i]!, xi = im[i]!, yr = re[j]!, yi = im[j]!
    re[i] = ar * xr - ai * xi + br * yr - bi * yi; im[i] = ar * xi + ai * xr + br * yi + bi * yr
    re[j] = cr * xr - ci * xi + dr * yr - di * yi; im[j] = cr * xi + ci * xr + dr * yi + di * yr
  }
}

function simulate(qir: string, qubits: number): State {
  const s: State = { re: new Float64Array(1 << qubits), im: new Float64Array(1 << qubits) }
  s.re[0] = 1
  for (const m of qir.matchAll(/call void @__quantum__qis__(\w+?)__(body|adj)\((.*)\)/g)) {
    const q = [...m[3]!.matchAll(/%Qubit\* (?:inttoptr \(i64 (\d+) to %Qubit\*\)|null)/g)].map((x) => Number(x[1] ?? 0))
    const angle = Number(/double ([-\d.e+]+)/.exec(m[3]!)?.[1] ?? 0)
    const gate = m[1]! + (m[2] === 'adj' ? '__adj' : '')
    if (/^(m|mz|mresetz|reset)$/.test(m[1]!)) continue
    if (GATES[gate]) apply(s, q[0]!, GATES[gate])
    else if (ROTATIONS[gate]) apply(s, q[0]!, ROTATIONS[gate](angle))
    else if (gate === 'rzz') { apply(s, q[1]!, GATES.x!, 1 << q[0]!); apply(s, q[1]!, ROTATIONS.rz!(angle)); apply(s, q[1]!, GATES.x!, 1 << q[0]!) } else if (/^c[xyz]$/.test(gate)) apply(s, q[1]!, GATES[gate[1]!]!, 1 << q[0]!)
    else if (gate === 'ccx') apply(s, q[2]!, GATES.x!, 1 << q[0]! | 1 << q[1]!)
    else if (gate === 'swap') { apply(s, q[1]!, GATES.x!, 1 << q[0]!); apply(s, q[0]!, GATES.x!, 1 << q[1]!); apply(s, q[1]!, GATES.x!, 1 << q[0]!) } else throw new Error(`interim checker: gate ${gate}`)
  }
  return s
}

function fidelity(a: State, b: State): number {
  let r = 0, i = 0
  for (let k = 0; k < Math.min(a.re.length, b.re.length); k++) { r += a.re[k]! * b.re[k]! + a.im[k]! * b.im[k]!; i += a.re[k]! * b.im[k]! - a.im[k]! * b.re[k]! }
  return r * r + i * i
}
