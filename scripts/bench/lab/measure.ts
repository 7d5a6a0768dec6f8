// How long the analysis takes at two sizes of the lab, and what others notice of it.

import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { p99 } from '../../../test/support/long-imports'
import { folder, quick } from '../options'
import { type Running, residentMb, startServer } from '../processes'
import { median, rows } from '../table'
import { measureBeside } from './beside'
import { measureBytes } from './bytes'
import { type Filled, labPath, readFilled, sizes } from './databases'
import { measureNews } from './news'
import { anew, type Question, questionsOf } from './questions'
import { settle } from './settle'

const TIMES = quick ? 20 : 200
/** Milliseconds. */
const P50 = 50
const P99 = 200
const RATIO = 1.5

interface Opened {
  tests: number
  filled: Filled
  path: string
  server: Running
  questions: Question[]
}

export async function measureLab(): Promise<void> {
  const made = sizes.filter((tests) => readFilled(tests))
  if (made.length < sizes.length) {
    console.log(`The rows of the lab need databases that are made once: bun run bench --fill\n`)
  }
  const opened: Opened[] = []
  try {
    for (const tests of made) opened.push(await open(tests))
    const [large, small] = opened.toReversed()
    if (!large) return
    for (const { filled, path } of opened) measureBytes(path, filled)
    for (const [at, { what }] of large.questions.entries()) {
      await compareSizes(what, at, large, small)
      tellLast(2)
    }
    rows.push([
      `resident after that, ${millions(large)}`,
      `${residentMb(large.server.pid)} MB`,
      '',
      '',
      'at most 300',
    ])
    for (const question of large.questions) {
      if (!question.beside || !(await exists(large, question))) continue
      await measureBeside(large.server, question, jobPaths(large))
      tellLast(2)
    }
    await measureNews(large.server, large.path, large.filled)
  } finally {
    await Promise.all(opened.map(({ server }) => server.stop()))
    for (const { path } of opened) rmSync(path, { force: true })
  }
}

/** It takes long: who waits sees how far it is. */
function tellLast(count: number): void {
  for (const row of rows.slice(-count)) console.log(row.join('  ').trimEnd())
}

/** Works on a copy, so that what is measured once does not change what is measured next. */
async function open(tests: number): Promise<Opened> {
  const path = join(folder, `lab-${tests}.sqlite`)
  copyFileSync(labPath(tests), path)
  const server = await startServer(path, ['--open'])
  // Windows have moved on since it was filled.
  await settle(server, path)
  return { tests, filled: readFilled(tests) as Filled, path, server, questions: questionsOf(path) }
}

/** In turns, so that what else the machine does is the same for both. */
async function compareSizes(
  what: string,
  at: number,
  large: Opened,
  small: Opened | undefined,
): Promise<void> {
  const both = small ? [large, small] : [large]
  if (!(await exists(large, large.questions[at] as Question))) {
    rows.push([what, 'there is no such answer', '', '', ''])
    return
  }
  const times = new Map<Opened, number[]>(both.map((one) => [one, []]))
  for (let turn = -2; turn < TIMES; turn++) {
    for (const one of both) {
      const path = (one.questions[at] as Question).pathOf(Math.max(0, turn))
      const milliseconds = await time(one.server.origin + anew(path))
      if (turn >= 0) times.get(one)?.push(milliseconds)
    }
  }
  const [own = [], peer = []] = both.map((one) => times.get(one) ?? [])
  for (const [name, of, target] of [
    ['p50', median, P50],
    ['p99', p99, P99],
  ] as const) {
    const beside = small ? `${of(peer).toFixed(1)} ms at ${millions(small)}` : ''
    const ratio = small ? (of(own) / of(peer)).toFixed(2) : ''
    rows.push([
      ...[`${name} of ${what}, ${millions(large)}`, `${of(own).toFixed(1)} ms`, beside, ratio],
      `under ${target} ms${name === 'p50' ? `, at most ${RATIO}` : ''}`,
    ])
  }
}

async function exists({ server }: Opened, { pathOf }: Question): Promise<boolean> {
  const reply = await fetch(server.origin + pathOf(0))
  await reply.arrayBuffer()
  return reply.status !== 404
}

/** @returns milliseconds */
async function time(url: string): Promise<number> {
  const start = performance.now()
  const reply = await fetch(url)
  const body = await reply.text()
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${body.slice(0, 300)}`)
  return performance.now() - start
}

function jobPaths({ questions }: Opened): (turn: number) => string {
  const compare = questions.find(({ what }) => what.startsWith('compare a job')) as Question
  return (turn) => `/jobs/${new URL(compare.pathOf(turn), 'http://_').searchParams.get('job')}/`
}

function millions({ tests }: { tests: number }): string {
  return `${tests / 1e6} million tests`
}
