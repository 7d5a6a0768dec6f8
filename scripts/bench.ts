// Measures the compiled binary, each figure beside a peer measured in the same run where there is one, on loopback
// only.
//
//   bun run bench            5 s a measurement, 3 runs, 5 loads of a page; medians with their spread
//   bun run bench --quick    1 s a measurement, 2 loads of a page, for a look
//   bun run bench --pages    the pages of the dashboard alone
//
// The load comes from wrk (Debian: apt-get install wrk); without it from a loop in this process, which is weaker. The
// pages are loaded by Chromium.

import { rmSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { comparePage, fill, measureStart } from './bench/api'
import { compareLines, importSample } from './bench/imports'
import { CONNECTIONS, folder, RUNS, SECONDS } from './bench/options'
import { measurePages } from './bench/pages'
import { residentMb } from './bench/processes'
import { wrk } from './bench/requests'
import { print, rows } from './bench/table'

async function measureServer(): Promise<void> {
  const server = await measureStart()
  try {
    await fill(server)
    await comparePage(server)
    await compareLines()
    await importSample(server)
    rows.push(['resident after that', `${await residentMb(server.pid)} MB`, '', ''])
  } finally {
    await server.stop()
  }
  print([['what', 'figure', 'peer', 'ratio'], ...rows])
}

const load = loadavg()[0]?.toFixed(2)
console.log(
  `${cpus().length} x ${cpus()[0]?.model}; Bun ${Bun.version}; load by ${wrk ? 'wrk' : 'a loop (wrk is not installed)'}; load average ${load} before`,
)
console.log(`${RUNS} runs of ${SECONDS} s with ${CONNECTIONS} connections, median (lowest to highest)\n`)
try {
  if (!process.argv.includes('--pages')) await measureServer()
  await measurePages()
} finally {
  rmSync(folder, { recursive: true })
}
