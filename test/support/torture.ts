// A server that is killed at random moments under many writers, and what is there when it starts again.

import type { Folder } from './binary'
import { Client } from './client'

const WRITERS = 64
const JOBS = 8
/** The server lives for so long in a round, in milliseconds: at least, and how much more at most. */
const LIFE_MS = { least: 40, more: 500 }

export interface Tortured {
  rounds: number
  /** Writes that were acknowledged. */
  acknowledged: number
  /** Sentences about what was lost, stored twice, or not sound. */
  faults: string[]
}

/** Kills the server `rounds` times with -9; each time, looks for all that it had acknowledged. */
export async function torture(folder: Folder, rounds: number): Promise<Tortured> {
  const known = Array.from({ length: JOBS }, (_, job) => ({ id: `torture-${job}`, tags: new Set<string>() }))
  const faults: string[] = []
  let acknowledged = 0
  for (let round = 0; round < rounds; round++) {
    const serving = await folder.serve(['--open'])
    const client = new Client(serving.origin)
    for (const { id } of known) await client.post('/jobs/', { id }) // 400 when it is there already
    let isAlive = true
    const write = async (writer: number) => {
      for (let turn = 0; isAlive; turn++) {
        const job = known[(writer + turn) % JOBS] as (typeof known)[number]
        const tag = `${round}-w${writer}-${turn}`
        const body = { tag, status: turn % 3 === 0 ? 'FAIL' : 'PASS' }
        const reply = await client.post(`/jobs/${job.id}/tests/`, body).catch(() => undefined)
        if (!reply) return // killed: whether this one was stored, nobody was told
        if (reply.status !== 200) faults.push(`round ${round}: POST ${tag} answered ${reply.status}`)
        else job.tags.add(tag)
      }
    }
    const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer))
    await Bun.sleep(LIFE_MS.least + Math.random() * LIFE_MS.more)
    await serving.stop('SIGKILL')
    isAlive = false
    await Promise.all(writers)
  }
  await using serving = await folder.serve(['--open'])
  const client = new Client(serving.origin)
  for (const { id, tags } of known) {
    const stored = await tagsOf(client, id)
    const unique = new Set(stored)
    acknowledged += tags.size
    if (unique.size !== stored.length)
      faults.push(`${id}: ${stored.length - unique.size} tests are there twice`)
    for (const tag of tags)
      if (!unique.has(tag)) faults.push(`${id}: ${tag} was acknowledged and is not there`)
    const { testcount } = (await client.get(`/jobs/${id}/testcount/`)).body
    if (testcount !== stored.length) faults.push(`${id}: counts ${testcount} tests and has ${stored.length}`)
  }
  await serving.stop()
  const check = await folder.run(['check'])
  if (check.code !== 0) faults.push(`check: ${check.stdout}${check.stderr}`)
  return { rounds, acknowledged, faults }
}

async function tagsOf(client: Client, job: string): Promise<string[]> {
  const tags: string[] = []
  for (let page = 1; ; page++) {
    const { body } = await client.get(`/jobs/${job}/tests/?page_size=1000&page=${page}`)
    tags.push(...body.results.map(({ tag }: { tag: string }) => tag))
    if (body.next === null) return tags
  }
}
