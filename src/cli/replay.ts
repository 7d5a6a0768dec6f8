import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import type { Settings } from '../config'
import { HttpError } from '../http/errors'
import { JournalReader } from '../uploads/journal'
import { NotSent, post, readDestination } from '../uploads/send'
import { Failure, say, warn } from './terminal'
import { serverOf } from './upload'

const POLL_MS = 500
/** How long a journal in which every test has ended must be still to be the whole job's. */
const STILL_MS = 10_000
/** How long one with a running test may be still, before its job is given up. */
const DEAD_MS = 10 * 60_000
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
    const target = serverOf(url, settings)
    const path = isDirectory(journal) ? join(journal, '.journal.sqlite') : journal
    if (!existsSync(path)) throw new Failure(`${path}: there is no such file.`)
    try {
      await replay(path, { ...settings, url: target, follow: follow === true })
    } catch (error) {
      if (error instanceof NotSent) throw new Failure(`${path}: ${error.message}`)
      throw error
    }
  })
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

type Options = Pick<Settings, 'token' | 'patience' | 'timeZone'> & { url: string; follow: boolean }

async function replay(path: string, { url, token, patience, timeZone, follow }: Options): Promise<void> {
  const destination = readDestination(url, token)
  const reader = new JournalReader(path, timeZone)
  const told = { added: 0, changed: 0 }
  for (;;) {
    const { id, line, running } = await readPatiently(reader, path)
    if (line !== undefined) {
      const reply = await post(destination, 'imports/?format=ndjson', () => line, {
        patienceMs: patience * 1000,
        onPause: (reason, seconds) => warn(`${path}: ${reason}; trying again in ${seconds} s`),
      })
      const { jobs } = (await reply.json()) as { jobs: { tests: typeof told }[] }
      told.added += jobs[0]?.tests.added ?? 0
      told.changed += jobs[0]?.tests.changed ?? 0
      reader.acknowledge()
    }
    if (!follow || hasEnded(path, running)) {
      say(`${destination.url.origin}/jobs/${id}/ ${told.added} tests added, ${told.changed} changed`)
      return
    }
    await Bun.sleep(POLL_MS)
  }
}

/** Avocado may be in the middle of writing a row. */
async function readPatiently(reader: JournalReader, path: string) {
  for (let tries = 1; ; tries++) {
    try {
      return await reader.read()
    } catch (error) {
      if (!(error instanceof HttpError)) throw error
      if (tries === READ_TRIES) throw new Failure(`${path}: ${error.body.detail}`)
      await Bun.sleep(POLL_MS / 5)
    }
  }
}

function hasEnded(path: string, running: number): boolean {
  const still = Date.now() - statSync(path).mtimeMs
  if (running > 0) {
    if (still > DEAD_MS)
      throw new Failure(`${path}: a test has not ended, and nothing was written for 10 minutes.`)
    return false
  }
  // Avocado writes results.json when the job is over; between two tests none runs either.
  return existsSync(join(dirname(path), 'results.json')) || still > STILL_MS
}
