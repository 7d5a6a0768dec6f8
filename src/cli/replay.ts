import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import type { Settings } from '../config'
import { HttpError } from '../http/errors'
import { JournalReader } from '../uploads/journal'
import { type Destination, NotSent, post, readReply } from '../uploads/send'
import { destinationOf } from './destination'
import { Failure, say, warn } from './terminal'

const POLL_MS = 500
/** How long a journal in which every test has ended must be still to be the whole job's. */
const STILL_MS = 10_000
/** How long one with a running test may be still, before its job is given up. */
const DEAD_MS = 10 * 60_000
/** How often the server is told that a job runs of which there is nothing new: it waits for 10 minutes. */
const BEAT_MS = 4 * 60_000
/** How often a journal that cannot be read, because it is being written, is looked at again. */
const READ_TRIES = 20

export function addReplay(
  program: Command,
  read: () => Settings,
  addSendingOptions: (command: Command) => Command,
): void {
  addSendingOptions(
    program
      .command('replay')
      .description('send the journal of a job, which is neither locked nor changed; again: what is new in it')
      .argument('<journal>', "the job's .journal.sqlite, or its directory")
      .argument('[url]', 'the server')
      .option('--follow', 'go on until every test of the running job has ended'),
  ).action(async (journal: string, url: string | undefined, { follow }: { follow?: true }) => {
    const settings = read()
    const destination = destinationOf(url, settings)
    const path = isDirectory(journal) ? join(journal, '.journal.sqlite') : journal
    if (!existsSync(path)) throw new Failure(`${path}: there is no such file.`)
    try {
      await replay(path, { ...settings, destination, follow: follow === true })
    } catch (error) {
      if (error instanceof NotSent) throw new Failure(`${path}: ${error.message}`)
      throw error
    }
  })
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

type Options = Pick<Settings, 'patience' | 'timeZone'> & { destination: Destination; follow: boolean }

async function replay(path: string, { destination, patience, timeZone, follow }: Options): Promise<void> {
  const reader = new JournalReader(path, timeZone)
  const told = { added: 0, changed: 0 }
  let sentAt = performance.now()
  for (;;) {
    // Asked before the journal is read: what it has then is the whole of it. Avocado writes the results last.
    const ended = existsSync(join(dirname(path), 'results.json'))
    const beat = follow && performance.now() - sentAt > BEAT_MS
    const { id, line, running } = await readPatiently(path, () => reader.read({ ended, beat, follow }))
    if (line !== undefined) {
      sentAt = performance.now()
      const reply = await post(destination, 'imports/?format=ndjson', () => line, {
        patienceMs: patience * 1000,
        onPause: (reason, seconds) => warn(`${path}: ${reason}; trying again in ${seconds} s`),
      })
      const { jobs } = await readReply(reply, destination)
      told.added += jobs[0]?.tests.added ?? 0
      told.changed += jobs[0]?.tests.changed ?? 0
      reader.acknowledge()
    }
    if (!follow || isOver(path, running, ended)) {
      say(`${destination.url.origin}/jobs/${id}/ ${told.added} tests added, ${told.changed} changed`)
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
      if (!(error instanceof HttpError)) throw error
      if (tries === READ_TRIES) throw new Failure(`${path}: ${error.body.detail}`)
      await Bun.sleep(POLL_MS / 5)
    }
  }
}

function isOver(path: string, running: number, ended: boolean): boolean {
  const still = Date.now() - statSync(path).mtimeMs
  if (running > 0) {
    if (still > DEAD_MS)
      throw new Failure(`${path}: a test has not ended, and nothing was written for 10 minutes.`)
    return false
  }
  return ended || still > STILL_MS // between two tests none runs either
}
