// What others notice while one kind of question is asked without a pause.

import { p99 } from '../../../test/support/long-imports'
import { RUNS, SECONDS } from '../options'
import type { Running } from '../processes'
import { compare } from '../table'
import { anew, type Question } from './questions'

const ASKERS = 2
/** Between two requests, in milliseconds. They come whether or not the one before is answered. */
const EVERY_MS = 5
const JSON_HEADERS = { 'content-type': 'application/json' }

/** @param jobOf  the address of a job, another one each time. */
export async function measureBeside(
  { origin }: Running,
  { what, pathOf }: Question,
  jobOf: (turn: number) => string,
): Promise<void> {
  const reads = (turn: number) => ask(origin + jobOf(turn))
  const posts = (turn: number) => {
    const body = JSON.stringify({ tag: `beside-${turn}-${performance.now()}`, status: 'PASS' })
    return ask(`${origin}${jobOf(turn)}tests/`, { method: 'POST', body, headers: JSON_HEADERS })
  }
  for (const [name, send] of [
    [`GET a job, one every ${EVERY_MS} ms`, reads],
    ['POST a test, likewise', posts],
  ] as const) {
    const [alone, beside]: [number[], number[]] = [[], []]
    for (let run = 0; run < RUNS; run++) {
      alone.push(await p99OfLoad(send))
      const asking = askWithoutPause(origin, pathOf)
      beside.push(await p99OfLoad(send))
      await asking.stop()
    }
    const how = { unit: ' ms', against: 'without', target: 'at most 3', digits: 2 }
    compare(`p99 of ${name}, while ${ASKERS} ask for ${what}`, beside, alone, how)
  }
}

function askWithoutPause(origin: string, pathOf: Question['pathOf']) {
  let isOver = false
  const asker = async (first: number) => {
    for (let turn = first; !isOver; turn += ASKERS) await ask(origin + anew(pathOf(turn)))
  }
  const askers = Promise.all(Array.from({ length: ASKERS }, (_, first) => asker(first)))
  return {
    async stop() {
      isOver = true
      await askers
    },
  }
}

async function p99OfLoad(send: (turn: number) => Promise<void>): Promise<number> {
  const waits: Promise<number>[] = []
  const end = performance.now() + SECONDS * 1000
  for (let turn = 0; performance.now() < end; turn++) {
    const start = performance.now()
    waits.push(send(turn).then(() => performance.now() - start))
    await Bun.sleep(EVERY_MS)
  }
  return p99(await Promise.all(waits))
}

async function ask(url: string, init?: RequestInit): Promise<void> {
  const reply = await fetch(url, init)
  const body = await reply.text()
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${body.slice(0, 300)}`)
}
