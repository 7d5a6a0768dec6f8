// The mixed load of the soak: what lab machines and people at their browsers do, and how many jobs there are stays
// the same, because as many are deleted as are made.

import { pack } from 'tar-stream'
import type { Client, Reply } from '../../test/support/client'
import { EventStream } from '../../test/support/events'

/** So many jobs are kept; the oldest are deleted. */
const KEPT_JOBS = 2000
const TESTS_PER_JOB = 20
const LOG_BYTES = 64 * 1024
const SENDERS = 16
const READERS = 20

export class Load {
  requests = 0
  events = 0
  /** Answers that are neither a success nor a 404 of something deleted meanwhile. */
  readonly faults: string[] = []
  private readonly jobs: string[] = []
  private made = 0

  constructor(
    private readonly client: Client,
    private readonly headers: { authorization: string },
  ) {}

  /** @param perSecond  turns of all together; Infinity: as many as there can be. @returns how many a second it became */
  async run(seconds: number, perSecond: number): Promise<number> {
    const start = performance.now()
    const end = start + seconds * 1000
    let turns = 0
    const send = async () => {
      while (performance.now() < end) {
        const turn = turns++
        const due = start + (turn / perSecond) * 1000
        await Bun.sleep(Math.max(0, due - performance.now()))
        await this.turn(turn).catch((error) => this.faults.push(String(error)))
      }
    }
    const read = async (reader: number) => {
      while (performance.now() < end) await this.readEvents(500 + ((reader * 977) % 5000))
    }
    await Promise.all([
      ...Array.from({ length: SENDERS }, send),
      ...Array.from({ length: READERS }, (_, i) => read(i)),
    ])
    return turns / ((performance.now() - start) / 1000)
  }

  private async turn(turn: number): Promise<void> {
    const job = this.jobs[(turn * 31) % Math.max(1, this.jobs.length)] ?? 'none'
    const time = new Date().toISOString()
    switch (turn % 16) {
      case 0:
      case 1:
        return this.make((id) => this.client.post('/jobs/', jobOf(id)))
      case 2:
        await this.ask(this.client.post(`/jobs/${job}/tests/`, { tag: `later-${turn}`, status: 'PASS' }))
        return this.ask(
          this.client.post(`/jobs/${job}/tests/later-${turn}/activities/`, { activity: 'ENDED', time }),
        )
      case 3:
        return this.ask(this.client.patch(`/jobs/${job}/`, { status: turn % 3 === 0 ? 'FAIL' : 'PASS' }))
      case 4:
        return this.ask(
          this.client.post(`/jobs/${job}/data/`, { key: `key-${turn}`, value: 'x'.repeat(500) }),
        )
      case 5:
        return turn % 64 === 5 ? this.upload() : this.ask(this.client.get(`/jobs/${job}/files/`))
      case 6:
        return turn % 64 === 6 ? this.importLines() : this.ask(this.client.get(`/jobs/${job}/passrate/`))
      case 7:
        return this.ask(this.client.get(`/jobs/?search=nightly ${turn % 300}&omit=tests,activities`))
      case 8:
        return this.ask(this.client.get('/jobs/?status=FAIL&include=outcomes&omit=tests,activities'))
      case 9:
        return this.ask(this.client.get('/jobs/?ordering=-time'))
      case 10:
        return this.ask(this.client.get('/statistics/'))
      case 11:
        return this.ask(this.client.get('/statistics/history/?interval=hour'))
      case 12:
        return this.ask(this.client.get('/statistics/failing/?days=7'))
      case 13:
        return this.ask(this.client.get(`/jobs/${job}/tests/1-a.py/history/`))
      case 14:
        return this.ask(this.client.get(`/jobs/${job}/files/job.log`))
      default:
        return this.ask(this.client.get(`/jobs/${job}/`))
    }
  }

  private async ask(answer: Promise<Reply>): Promise<void> {
    const { status, body } = await answer
    this.requests++
    if (status >= 400 && status !== 404) this.faults.push(`${status} ${JSON.stringify(body)}`)
  }

  /** Makes a job, and deletes the oldest when there are enough. */
  private async make(send: (id: string) => Promise<Reply>): Promise<void> {
    const id = `soak-${++this.made}`
    await this.ask(send(id))
    this.jobs.push(id)
    if (this.jobs.length > KEPT_JOBS) await this.ask(this.client.delete(`/jobs/${this.jobs.shift()}/`))
  }

  private upload(): Promise<void> {
    return this.make(async (id) => {
      const archive = pack()
      const tests = [{ id: '1-a.py', name: '1-a.py', status: 'PASS', logdir: '/l/1-a.py', time: 1 }]
      archive.entry({ name: 'results.json' }, JSON.stringify({ job_id: id, debuglog: '/l/job.log', tests }))
      archive.entry({ name: 'job.log' }, `${id}\n`.repeat(LOG_BYTES / id.length))
      archive.finalize()
      const body = await new Response(archive as unknown as ReadableStream).bytes()
      return this.client.request('POST', '/imports/', { body })
    })
  }

  private importLines(): Promise<void> {
    return this.make((id) => {
      const lines = Array.from({ length: 10 }, () => JSON.stringify(jobOf(id)))
      return this.client.request('POST', '/imports/?format=ndjson', { body: `${lines.join('\n')}\n` })
    })
  }

  private async readEvents(milliseconds: number): Promise<void> {
    const stream = await EventStream.connect(this.client.origin, { headers: this.headers })
    const timer = setTimeout(() => stream[Symbol.dispose](), milliseconds)
    try {
      while (await stream.nextBlock()) this.events++
    } catch {
      // it was closed while it waited
    } finally {
      clearTimeout(timer)
      stream[Symbol.dispose]()
    }
  }
}

function jobOf(id: string): object {
  const number = Number(id.slice(5))
  const tests = Array.from({ length: TESTS_PER_JOB }, (_, index) => ({
    tag: `${index + 1}-a.py`,
    status: (number + index) % 11 === 0 ? 'FAIL' : 'PASS',
    started: new Date().toISOString(),
    elapsed_time: index,
  }))
  return { id, description: `Nightly ${number % 300}`, status: number % 7 === 0 ? 'FAIL' : 'PASS', tests }
}
