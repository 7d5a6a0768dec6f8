// Measures the compiled binary, each figure beside a peer measured in the same run where there is one, on loopback
// only.
//
//   bun run bench --fill     makes the databases, once, in dist/bench: 10,000 and 500,000 jobs of 20 tests, and two labs
//                            of 1 and 10 million tests (half an hour, 4 GB)
//   bun run bench --fill --tests 1000000   makes a lab of so many tests alone
//   bun run bench            5 s a measurement, 3 runs, 5 loads of a page; medians with their spread
//   bun run bench --quick    1 s a measurement, 2 loads of a page, for a look
//   bun run bench --server   the server alone
//   bun run bench --pages    the pages of the dashboard alone
//   bun run bench --lab      the analysis alone, on the labs
//   bun run bench --floors   the least that any server here would take for the same work
//
// --folder FOLDER is where the databases are, in place of dist/bench. The load comes from wrk (Debian: apt-get install
// wrk). The pages are loaded by Chromium.

import { rmSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fillAll } from './bench/fill'
import { measureFloors } from './bench/floors'
import { compareLines, importSample, measureBeside } from './bench/imports'
import { postJobs } from './bench/jobs'
import { sizes } from './bench/lab/databases'
import { fillLab } from './bench/lab/fill'
import { measureLab } from './bench/lab/measure'
import { asked, folder, RUNS, SECONDS } from './bench/options'
import { measurePages } from './bench/pages'
import { createAdministrator, residentMb, startServer } from './bench/processes'
import { compareChangingPage, compareJob, comparePage, pathsFile } from './bench/reading'
import { requireWrk } from './bench/requests'
import { compareSizes } from './bench/scale'
import { measureStart } from './bench/start'
import { print, rows } from './bench/table'
import { comparePosts, compareReaderLatency, compareSinglePosts } from './bench/writing'

async function measureServer(): Promise<void> {
  requireWrk()
  await measureStart()
  const server = await startServer('bench.sqlite')
  try {
    const headers = await createAdministrator('bench.sqlite')
    const ids = await postJobs(server, headers)
    const jobs = ids.map((id) => `/jobs/${id}/`)
    const all = await pathsFile('jobs.txt', jobs)
    const tests = await pathsFile(
      'tests.txt',
      jobs.map((path) => `${path}tests/`),
    )
    await comparePage(server)
    await compareChangingPage(server, headers, jobs)
    await compareJob(server, all, jobs[0] ?? '')
    await comparePosts(server, headers, tests)
    await compareSinglePosts(server, headers, tests)
    await compareReaderLatency(server, headers, tests)
    await compareLines()
    await measureBeside()
    await importSample(server, headers)
    rows.push(['resident after that', `${residentMb(server.pid)} MB`, '', '', ''])
  } finally {
    await server.stop()
  }
  await compareSizes()
  await measureLab()
  print(table())
}

const table = () => [['what', 'figure', 'peer', 'ratio', 'at least'], ...rows]

const load = () => loadavg()[0]?.toFixed(2)
console.log(`${cpus().length} x ${cpus()[0]?.model}; Bun ${Bun.version}; load average ${load()} before`)
try {
  if (asked.fill) {
    if (!asked.tests) await fillAll()
    for (const tests of sizes) await fillLab(tests)
  } else if (asked.floors) {
    requireWrk()
    await measureFloors()
    print([['what', 'figure', 'peer', 'ratio'], ...rows])
  } else {
    console.log(`${RUNS} runs of ${SECONDS} s each, median (lowest to highest)\n`)
    if (asked.lab) {
      await measureLab()
      print(table())
    } else {
      if (!asked.pages) await measureServer()
      if (!asked.server) await measurePages()
    }
    console.log(`\nLoad average ${load()} after`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
