// How long a start takes until the first answer, and what an idle server occupies.

import { RUNS } from './options'
import { type Running, residentMb, startServer } from './processes'
import { rows, spread } from './table'

const SETTLED_MS = 1000

export async function measureStart(): Promise<void> {
  const milliseconds: number[] = []
  const megabytes: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now()
    const server: Running = await startServer('start.sqlite')
    await (await fetch(`${server.origin}/jobs/`)).text()
    milliseconds.push(performance.now() - start)
    await Bun.sleep(SETTLED_MS)
    megabytes.push(residentMb(server.pid))
    await server.stop()
  }
  rows.push(['start to first answer', `${spread(milliseconds)} ms`, '', '', ''])
  rows.push(['resident, idle', `${spread(megabytes)} MB`, '', '', 'at most 90'])
}
