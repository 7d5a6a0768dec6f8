// Sends the compiled binary requests that nobody should send, and says what was wrong with its answers.
//
//   bun run fuzz                    100,000 requests, with a seed of chance
//   bun run fuzz 5000 --seed 7      so many, and the same again

import { Folder } from '../test/support/binary'
import { fuzz } from '../test/support/fuzz/fuzz'

const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`
const [first, ...rest] = process.argv.slice(2)
const requests = first === undefined || first.startsWith('--') ? 100_000 : Number(first)
const named = [first, ...rest].indexOf('--seed')
const seed = named < 0 ? Math.floor(Math.random() * 2 ** 31) : Number([first, ...rest][named + 1])
console.log(`${requests} requests, seed ${seed}`)
using folder = new Folder()
const { requests: sent, statuses, reached, sites, findings } = await fuzz(folder, requests, [seed])
const seconds = sites.reduce((sum, site) => sum + site.seconds, 0)
console.log(`${sent} in ${seconds.toFixed(1)} s, ${Math.round(sent / seconds)}/s`)
for (const { name, memory, ...site } of sites) {
  const resident = `resident ${mebibytes(memory.before)} after a third, ${mebibytes(memory.after)} at the end`
  console.log(`  ${name}: ${site.requests} in ${site.seconds.toFixed(1)} s, ${resident}`)
}
for (const [status, count] of Object.entries(statuses).sort()) console.log(`  ${status}  ${count}`)
console.log(`${reached.operations} of ${reached.of} operations succeeded`)
for (const name of reached.missed) console.log(`  never: ${name}`)
console.log(`${findings.length} findings`)
for (const { fault, times, curl } of findings) console.log(`\n${times} times: ${fault}\n  ${curl}`)
if (findings.length > 0) process.exitCode = 1
