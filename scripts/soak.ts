// A mixed load at half of what the compiled binary can do, for long; says whether memory, descriptors and the WAL
// stay what they are.
//
//   bun run soak          30 minutes
//   bun run soak 5        so many

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Folder, type Serving } from '../test/support/binary'
import { Client } from '../test/support/client'
import { Load } from './soak/load'

/** How long the maximum is measured. */
const MEASURED_SECONDS = 15
const SAMPLE_SECONDS = 10
const MEBIBYTE = 1024 ** 2
/** What the last third may have, of the second: so many times, and so much more. */
const bounds = {
  resident: { times: 1.15, more: 24 * MEBIBYTE },
  descriptors: { times: 1.1, more: 16 },
  wal: { times: 1.5, more: 16 * MEBIBYTE },
}

interface Sample {
  resident: number
  descriptors: number
  wal: number
}

const minutes = Number(process.argv[2] ?? 30)
using folder = new Folder()
await folder.setUp()
const token = (await folder.run(['createtoken', '--user', 'admin'])).stdout.trim()
const headers = { authorization: `Bearer ${token}` }
await using server = await folder.serve(['--log-level', 'error'])
const load = new Load(new Client(server.origin, headers), headers)
const most = await load.run(MEASURED_SECONDS, Number.POSITIVE_INFINITY)
console.log(`at most ${Math.round(most)} turns/s; ${minutes} minutes at half of that`)
const samples: Sample[] = []
const sampling = setInterval(() => {
  const sample = sampleOf(server)
  samples.push(sample)
  if (samples.length % 6 === 0) console.log(`${samples.length / 6} min: ${inWords(sample)}`)
}, SAMPLE_SECONDS * 1000)
const perSecond = await load.run(minutes * 60, most / 2)
clearInterval(sampling)

const third = Math.floor(samples.length / 3)
const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)].map((part) => ({
  resident: median(part.map(({ resident }) => resident)),
  descriptors: median(part.map(({ descriptors }) => descriptors)),
  wal: Math.max(...part.map(({ wal }) => wal)), // it comes and goes
}))
if (!second || !last || third === 0) throw new Error('Too short for three samples in each third.')
console.log(`${load.requests} requests, ${Math.round(perSecond)} turns/s; ${load.events} events read`)
console.log(`second third: ${inWords(second)}`)
console.log(`last third:   ${inWords(last)}`)
const names = Object.keys(bounds) as (keyof Sample)[]
const grown = names.filter((name) => last[name] > second[name] * bounds[name].times + bounds[name].more)
const check = await folder.run(['check', '--files'])
const faults = [
  ...grown.map((name) => `${name}: grows`),
  ...(check.code === 0 ? [] : [`check: ${check.stdout}${check.stderr}`]),
  ...new Set(load.faults.slice(0, 20)),
]
for (const fault of faults) console.log(fault)
console.log(faults.length === 0 ? 'flat and sound' : `${grown.length + load.faults.length} faults`)
if (faults.length > 0) process.exitCode = 1

function sampleOf({ child: { pid } }: Serving): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    resident: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    wal: statSync(join(folder.path, 'avocadoserver.sqlite-wal')).size,
  }
}

function inWords({ resident, descriptors, wal }: Sample): string {
  const size = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`
  return `${size(resident)} resident, ${descriptors} descriptors, WAL ${size(wal)}`
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
