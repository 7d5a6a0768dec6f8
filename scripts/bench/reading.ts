// What is read, against a bare Bun.serve that returns the same bytes.

import { join } from 'node:path'
import { folder, RUNS } from './options'
import { type Running, startPeer } from './processes'
import { load, warmUp } from './requests'
import { compare } from './table'

const CONNECTIONS = 32
const PAGE = '/jobs/?ordering=-time'
const CHANGE_EVERY_MS = 10

/** The page that dashboards ask for. */
export async function comparePage(server: Running): Promise<void> {
  await compareWithSameBytes(server, PAGE, `GET ${PAGE}, nothing changes`, '0.70')
}

/** The same while it changes all the time: a test of any job is news to every list. @param jobs  their addresses */
export async function compareChangingPage(
  server: Running,
  headers: Record<string, string>,
  jobs: string[],
): Promise<void> {
  let isOver = false
  const posting = (async () => {
    for (let count = 0; !isOver; count++) {
      const next = Bun.sleep(CHANGE_EVERY_MS)
      const tests = `${server.origin}${jobs[(count * 7919) % jobs.length]}tests/`
      const body = JSON.stringify({ tag: `${count}-changing.py:Test.test`, status: 'PASS' })
      const reply = await fetch(tests, { method: 'POST', body, headers: { ...headers, ...JSON_HEADERS } })
      await reply.arrayBuffer()
      if (reply.status !== 200) throw new Error(`POST ${tests}: ${reply.status}`)
      await next
    }
  })()
  await compareWithSameBytes(server, PAGE, `the same, one test added every ${CHANGE_EVERY_MS} ms`, '0.35')
  isOver = true
  await posting
}

const JSON_HEADERS = { 'content-type': 'application/json' }

/** @param paths  of all jobs, in a file. */
export async function compareJob(server: Running, paths: string, first: string): Promise<void> {
  await compareWithSameBytes(server, first, 'GET one job of 20 tests, at random of 10,000', '0.50', paths)
}

async function compareWithSameBytes(
  server: Running,
  path: string,
  what: string,
  target: string,
  paths?: string,
): Promise<void> {
  const bytes = await (await fetch(server.origin + path)).bytes()
  const peer = await startPeer(bytes)
  const how = { connections: CONNECTIONS, ...(paths && { script: 'get.lua' as const, args: [paths] }) }
  const own: number[] = []
  const bare: number[] = []
  try {
    await warmUp(server.origin + path, how)
    for (let run = 0; run < RUNS; run++) {
      bare.push((await load(peer.origin + path, how)).perSecond)
      own.push((await load(server.origin + path, how)).perSecond)
    }
  } finally {
    await peer.stop()
  }
  const against = `bare Bun.serve, the same ${bytes.length} bytes`
  compare(what, own, bare, { unit: '/s', against, target })
}

/** Writes paths to a file of this run, a line each. @returns its path */
export async function pathsFile(name: string, paths: string[]): Promise<string> {
  const file = join(folder, name)
  await Bun.write(file, paths.join('\n'))
  return file
}
