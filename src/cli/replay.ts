import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { JournalReader } from '../client/journal'
import { isBeingWritten, stillness } from '../client/running-job'
import { type Destination, NotSent, post, readReply } from '../client/send'
import { DomainError } from '../lib/errors'
import { whyUnreadable } from '../lib/system-errors'
import type { CliCommand } from './cli-command'
import { destinationOf } from './destination'
import type { Settings } from './settings'
import { Failure, say, warn } from './terminal'
import { queryOf } from './upload'

const POLL_MS = 500
/** How long a job in which every test has ended, and that nobody writes, must be still to be over. */
const STILL_MS = 10_000
/** How long one with a running test, or without a journal, must be. */
const DEAD_MS = 10 * 60_000
/** How often it is looked whether somebody writes it: that looks at all processes. */
const LOOK_MS = 10_000
/** How often the server is told that a job runs of which there is nothing new: it waits for 10 minutes. */
const BEAT_MS = 4 * 60_000
/** How often a journal that cannot be read, because it is being written, is looked at again. */
const READ_TRIES = 20

export const replayCommand: CliCommand = {
  name: 'replay',
  settings: 'sending',
  define: (command, read) =>
    command
      .description('send the journal of a job, which is neither locked nor changed; again: what is new in it')
      .argument('<journal>', "the job's .journal.sqlite, or its directory")
      .argument('[url]', 'the server')
      .option('--follow', 'wait for the journal, and go on until the running job has ended')
      .action(async (journal: string, url: string | undefined, { follow }: { follow?: true }) => {
        const settings = read()
        const destination = destinationOf(url, settings)
        const path = isDirectory(journal) ? join(journal, '.journal.sqlite') : journal
        refuseUnreadable(path, follow === true)
        try {
          await replay(path, { ...settings, destination, follow: follow === true })
        } catch (error) {
          if (error instanceof NotSent) throw new Failure(`${path}: ${error.message}`)
          throw error
        }
      }),
}

/** A journal that is followed need not be there yet; its directory must. */
function refuseUnreadable(path: string, follow: boolean): void {
  try {
    if (follow) readdirSync(dirname(path))
    else statSync(path)
  } catch (error) {
    const why = whyUnreadable(error)
    throw why === undefined ? error : new Failure(`${path}: ${why}.`)
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

type Options = Pick<Settings, 'patience' | 'timeZone' | 'label'> & {
  destination: Destination
  follow: boolean
}

async function replay(path: string, options: Options): Promise<void> {
  const { destination, patience, timeZone, follow } = options
  const reader = new JournalReader(path, timeZone)
  const job = new FollowedJob(path)
  const told = { added: 0, changed: 0 }
  let sentAt = performance.now()
  for (;;) {
    // Asked before the journal is read: what it has then is the whole of it.
    const ended = job.hasEnded
    const beat = follow && performance.now() - sentAt > BEAT_MS
    const read = () => reader.read({ ended, beat, follow })
    const found = follow ? await readIfThere(job, read) : await readPatiently(path, read)
    if (found?.line !== undefined) {
      const { line } = found
      sentAt = performance.now()
      const reply = await post(
        destination,
        `imports/?${queryOf({ ...options, files: true })}&format=ndjson`,
        () => line,
        {
          patienceMs: patience * 1000,
          onPause: (reason, seconds) => warn(`${path}: ${reason}; trying again in ${seconds} s`),
        },
      )
      const { jobs } = await readReply(reply, destination)
      told.added += jobs[0]?.tests.added ?? 0
      told.changed += jobs[0]?.tests.changed ?? 0
      reader.acknowledge()
    }
    if (found && (!follow || job.isOver(found.running, ended))) {
      say(`${destination.url.origin}/jobs/${found.id}/ ${told.added} tests added, ${told.changed} changed`)
      return
    }
    await Bun.sleep(POLL_MS)
  }
}

/** Avocado may be in the middle of writing a row. */
async function readPatiently<T>(path: string, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      if (tries === READ_TRIES) throw new Failure(`${path}: ${error.body.detail}`)
      await Bun.sleep(POLL_MS / 5)
    }
  }
}

/**
 * The same of a journal that Avocado makes when the first test starts, and which has no tables at first.
 *
 * @returns undefined when it is not there yet.
 */
async function readIfThere<T>(job: FollowedJob, read: () => Promise<T>): Promise<T | undefined> {
  if (!existsSync(job.path)) {
    job.requireLife(', and there is no journal: run Avocado with --journal')
    return undefined
  }
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    job.requireLife(`, and its journal cannot be read: ${error.body.detail}`)
    return undefined
  }
}

/** What can be told of a running job beside its journal. */
class FollowedJob {
  private readonly directory: string
  private aliveUntil = Number.NEGATIVE_INFINITY

  constructor(readonly path: string) {
    this.directory = dirname(path)
  }

  /** Avocado writes the results last. */
  get hasEnded(): boolean {
    return existsSync(join(this.directory, 'results.json'))
  }

  /** @param running  tests that have started and not ended. @throws Failure when nothing more will come of those */
  isOver(running: number, ended: boolean): boolean {
    if (ended) return true
    if (running === 0) return !this.isAlive(STILL_MS) // between two tests none runs either
    // It ended after the journal was read, whose last rows the next round finds.
    if (!this.hasEnded) this.requireLife(': a test has not ended')
    return false
  }

  /** @throws Failure when the job has ended, or is dead */
  requireLife(what: string): void {
    if (this.hasEnded) throw new Failure(`${this.path}: the job has ended${what}.`)
    if (!this.isAlive(DEAD_MS))
      throw new Failure(`${this.path}: nobody has written there for 10 minutes${what}.`)
  }

  /** Whether anything was written in the last so many milliseconds, or is open to be. */
  private isAlive(stillMs: number): boolean {
    const now = performance.now()
    if (now < this.aliveUntil) return true
    const isAlive = stillness(this.directory) < stillMs || isBeingWritten(this.directory)
    if (isAlive) this.aliveUntil = now + LOOK_MS
    return isAlive
  }
}
