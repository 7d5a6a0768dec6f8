// What writers notice of a backup that is made beside them.

import { join, resolve } from 'node:path'
import { folder, RUNS } from './options'
import type { Running } from './processes'
import { pathsFile } from './reading'
import { load } from './requests'
import { compare } from './table'

const WRITERS = 8
/** Both phases of a backup of 1 GB, the copy and its packing, are about as long. */
const SECONDS = 10

const binary = resolve(import.meta.dir, '../../dist/avocado-server')

/** @param name  of the database in the folder of this run, which `server` serves with `--open`. */
export async function compareBackup(server: Running, name: string, what: string): Promise<void> {
  const paths = await pathsFile('backup.txt', [await makeJob(server)])
  const alone: number[] = []
  const beside: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const how = { connections: WRITERS, seconds: SECONDS, script: 'post.lua' as const }
    alone.push((await load(server.origin, { ...how, args: [paths, `a${run}`] })).p99)
    const backup = backUp(name)
    beside.push((await load(server.origin, { ...how, args: [paths, `b${run}`] })).p99)
    backup.kill()
    await backup.exited
  }
  compare(`p99 of POST a test, ${WRITERS} connections, while a backup is made, ${what}`, beside, alone, {
    unit: ' ms',
    against: 'without a backup',
    target: 'at most 3',
    digits: 2,
  })
}

/** @returns the address that its tests are posted to */
async function makeJob({ origin }: Running): Promise<string> {
  const reply = await fetch(`${origin}/jobs/`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  const { id } = (await reply.json()) as { id: string }
  return `/jobs/${id}/tests/`
}

function backUp(name: string) {
  const target = join(folder, 'backup.tar')
  return Bun.spawn([binary, 'backup', target, '--force', '--database', join(folder, name)], {
    stdout: 'ignore',
    stderr: 'ignore', // it says that it was stopped
  })
}
