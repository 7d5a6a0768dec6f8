// The command replay: sends a journal, and can follow the job that writes it.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { JournalReader } from '../client/journal'
import { isBeingWritten, millisecondsSinceChange } from '../client/running-job'
import { type Destination, NotSent, post, readReply } from '../client/send'
import { DomainError } from '../lib/errors'
import { describeReadError } from '../lib/system-errors'
import type { CliCommand } from './cli-command'
import { destinationOf } from './destination'
import type { Settings } from './settings'
import { Failure, say, warn } from './terminal'
import { queryOf } from './upload'

const POLL_MS = 500
/** A job whose tests have all ended, and that no process writes, is over after this time without a change. */
const OVER_AFTER_MS = 10_000
/** A job with a running test, or without a journal, is dead after this time without a change. */
const DEAD_AFTER_MS = 10 * 60_000
/** How long a job counts as alive after a check: the check looks at all processes. */
const CHECK_EVERY_MS = 10_000
/** How often the server hears of a running job that has nothing new; it gives up on a silent job after 10 minutes. */
const HEARTBEAT_MS = 4 * 60_000
/** How many times to read a journal that cannot be read because it is being written. */
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

/** With `follow`, the journal need not exist yet, but its directory must. @throws Failure */
function refuseUnreadable(path: string, follow: boolean): void {
  try {
    if (follow) readdirSync(dirname(path))
    else statSync(path)
  } catch (error) {
    const why = describeReadError(error)
    throw why === undefined ? error : new Failure(`${path}: ${why}.`)
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

type Options = Pick<Settings, 'patience' | 'zone' | 'label'> & {
  destination: Destination
  follow: boolean
}

async function replay(path: string, options: Options): Promise<void> {
  const { destination, patience, zone, follow } = options
  const reader = new JournalReader(path, zone)
  const job = new FollowedJob(path)
  const total = { added: 0, changed: 0 }
  let sentAt = performance.now()
  for (;;) {
    // Checked before the journal is read: if the job has ended by now, the journal is complete.
    const ended = job.hasEnded
    const heartbeat = follow && performance.now() - sentAt > HEARTBEAT_MS
    const read = () => reader.read({ ended, heartbeat, follow })
    const found = follow ? await readIfReady(job, read) : await readWithRetries(path, read)
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
      total.added += jobs[0]?.tests.added ?? 0
      total.changed += jobs[0]?.tests.changed ?? 0
      reader.acknowledge()
    }
    if (found && (!follow || job.isOver(found.running, ended))) {
      say(`${destination.url.origin}/jobs/${found.id}/ ${total.added} tests added, ${total.changed} changed`)
      return
    }
    await Bun.sleep(POLL_MS)
  }
}

/** Tries several times: Avocado may be in the middle of writing a row. */
async function readWithRetries<T>(path: string, read: () => Promise<T>): Promise<T> {
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
 * Reads the journal of a running job. Avocado creates it when the first test starts, at first without tables.
 *
 * @returns undefined when the journal does not exist or cannot be read yet.
 * @throws Failure when the job has ended, or is dead
 */
async function readIfReady<T>(job: FollowedJob, read: () => Promise<T>): Promise<T | undefined> {
  if (!existsSync(job.path)) {
    job.requireAlive(', and there is no journal: run Avocado with --journal')
    return undefined
  }
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    job.requireAlive(`, and its journal cannot be read: ${error.body.detail}`)
    return undefined
  }
}

/** Finds out whether a running job has ended or died, by its directory and the processes that write there. */
class FollowedJob {
  private readonly directory: string
  private aliveUntil = Number.NEGATIVE_INFINITY

  constructor(readonly path: string) {
    this.directory = dirname(path)
  }

  /** Avocado writes results.json last. */
  get hasEnded(): boolean {
    return existsSync(join(this.directory, 'results.json'))
  }

  /** @param running  how many tests have started but not ended. @throws Failure if the job died during a test */
  isOver(running: number, ended: boolean): boolean {
    if (ended) return true
    if (running === 0) return !this.isAlive(OVER_AFTER_MS) // not over at once: no test runs between two tests, either
    // A job that ended since the journal was read goes on: the next round reads the last rows.
    if (!this.hasEnded) this.requireAlive(': a test has not ended')
    return false
  }

  /** @throws Failure when the job has ended, or is dead */
  requireAlive(what: string): void {
    if (this.hasEnded) throw new Failure(`${this.path}: the job has ended${what}.`)
    if (!this.isAlive(DEAD_AFTER_MS))
      throw new Failure(`${this.path}: nobody has written there for 10 minutes${what}.`)
  }

  /** Whether a file changed in the last `idleMs` milliseconds, or a process has one open for writing. */
  private isAlive(idleMs: number): boolean {
    const now = performance.now()
    if (now < this.aliveUntil) return true
    const isAlive = millisecondsSinceChange(this.directory) < idleMs || isBeingWritten(this.directory)
    if (isAlive) this.aliveUntil = now + CHECK_EVERY_MS
    return isAlive
  }
}
