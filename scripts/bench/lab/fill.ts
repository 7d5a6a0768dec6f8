// Fills the databases of the lab, by the server's own API: environments one by one, jobs as NDJSON.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { filledFolder } from '../options'
import { type Running, residentMb, startServer } from '../processes'
import { filesOf, jobsOfFile } from './arrival'
import { type Filled, labPath, SEED } from './databases'
import { Lab } from './lab'
import { settle } from './settle'

/** So that the server reads the next one while it stores this one. */
const FILES_AT_A_TIME = 2
const HOUR_MS = 3_600_000
/** How often it says how far it is, in files. */
const SAY_EVERY = 20

/** Makes the lab of so many tests, unless it is there. */
export async function fillLab(tests: number): Promise<void> {
  const path = labPath(tests)
  if (existsSync(path)) {
    console.log(`${path} is there: remove it to have it made again.`)
    return
  }
  mkdirSync(filledFolder, { recursive: true })
  // Under its name only when it is whole.
  const part = `${path}.part`
  for (const suffix of ['', '-wal', '-shm']) rmSync(part + suffix, { force: true })
  // The newest jobs end before now: a start in the future would be corrected.
  const until = (Math.floor(Date.now() / HOUR_MS) - 1) * HOUR_MS * 1000
  const lab = new Lab({ tests, seed: SEED, until })
  const server = await startServer(part, ['--open', '--durability', 'normal'])
  const load: number[] = []
  const timer = setInterval(() => load.push(Number(loadavg()[0]?.toFixed(1))), 60_000)
  let filled: Filled
  try {
    const start = performance.now()
    const ids = await sendEnvironments(server, lab)
    const environmentSeconds = secondsSince(start)
    const begin = performance.now()
    const sent = await sendJobs(server, lab, ids)
    const importSeconds = secondsSince(begin)
    console.log(`${sent} tests in ${importSeconds} s, ${Math.round(sent / importSeconds)} tests/s`)
    const settleSeconds = await settle(server, part)
    const counts = { tests: sent, jobs: lab.jobs, seed: SEED, until }
    filled = { ...counts, environmentSeconds, importSeconds, settleSeconds, load, cores: cpus().length }
    console.log(`settled after ${settleSeconds} s; ${residentMb(server.pid, true)} MB at most`)
  } finally {
    clearInterval(timer)
    await server.stop()
  }
  // Whoever read along has kept the server from emptying it.
  if (existsSync(`${part}-wal`))
    throw new Error(`${part}-wal is still there: open ${part} once with sqlite3, and rename it.`)
  renameSync(part, path)
  writeFileSync(`${path}.json`, JSON.stringify(filled))
  console.log(`${path}: ${JSON.stringify(filled)}`)
}

/** @returns their ids, by their numbers. */
async function sendEnvironments({ origin }: Running, { environments }: Lab): Promise<number[]> {
  const ids: number[] = []
  for (let number = 0; number < environments.count; number++) {
    const reply = await fetch(`${origin}/testenvironments/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(environments.bodyOf(number)),
    })
    const text = await reply.text()
    if (reply.status !== 201)
      throw new Error(`POST /testenvironments/: ${reply.status} ${text.slice(0, 500)}`)
    ids.push(Number(/\/(\d+)\/$/.exec(reply.headers.get('location') ?? '')?.[1]))
  }
  return ids
}

/** @returns how many tests there were. */
async function sendJobs({ origin }: Running, lab: Lab, ids: readonly number[]): Promise<number> {
  const files = filesOf(lab.jobs)
  let next = 0
  let tests = 0
  const send = async () => {
    while (next < files) {
      const file = next++
      const lines: string[] = []
      for (const job of jobsOfFile(SEED, file, lab.jobs)) {
        const made = lab.lineOf(job, ids)
        lines.push(made.line)
        tests += made.tests
      }
      await importLines(origin, lines)
      if (file % SAY_EVERY === 0) console.log(`file ${file} of ${files}, ${tests} tests`)
    }
  }
  await Promise.all(Array.from({ length: FILES_AT_A_TIME }, send))
  return tests
}

export async function importLines(origin: string, lines: readonly string[]): Promise<void> {
  const body = lines.join('\n')
  const reply = await fetch(`${origin}/imports/?format=ndjson`, { method: 'POST', body })
  const answer = await reply.text()
  const isWhole = reply.status === 201 && !answer.includes('"refused"')
  if (!isWhole) throw new Error(`POST /imports/: ${reply.status} ${answer.slice(0, 500)}`)
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 100) / 10
}
