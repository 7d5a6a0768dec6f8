// The command upload: sends job directories, or files, to a server.

import { existsSync, realpathSync, type Stats, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename } from 'node:path'
import { type Listing, listFiles } from '../client/listing'
import { type PackEvents, packFiles } from '../client/pack'
import { NotSent, post, type Reply, readReply } from '../client/send'
import { describeReadError } from '../lib/system-errors'
import type { CliCommand } from './cli-command'
import { destinationOf } from './destination'
import type { Settings } from './settings'
import { Failure, say, UsageError, warn } from './terminal'

type Options = Settings & { given: string | undefined; description: string | undefined }

export const uploadCommand: CliCommand = {
  name: 'upload',
  settings: 'sending',
  define: (command, read) =>
    command
      .description('send job directories to a server; the command for --result-upload-cmd of Avocado')
      .argument(
        '<job-dir...>',
        'directories of jobs, or their zips; behind them the URL if it is not set otherwise',
      )
      .option('--description <text>', 'what the jobs are called')
      .action(async (places: string[], { description }: { description?: string }) => {
        const settings = read()
        const last = places.at(-1) ?? ''
        if (isWrongUrl(last)) throw new UsageError(`"${last}" is no URL such as http://server:9405.`)
        const given = isUrl(last) ? places.pop() : undefined
        if (places.some(isUrl)) throw new UsageError('The URL of the server comes last.')
        if (places.length === 0) throw new UsageError('Name a job directory to send.')
        const failed: string[] = []
        for (const place of places) {
          try {
            await upload(place, { ...settings, given, description })
          } catch (error) {
            const reason = describeReadError(error)
            if (!(error instanceof NotSent || error instanceof Failure || reason)) throw error
            failed.push(`${place}: ${reason ? `${reason}.` : (error as Error).message}`)
          }
        }
        if (failed.length > 0) throw new Failure(failed.join('\n'))
      }),
}

const isUrl = (text: string) => /^https?:\/\//.test(text)

/** Whether an argument was meant as a URL but has no scheme, or a wrong one: `lab:9405`, `ftp://lab`. */
function isWrongUrl(text: string): boolean {
  return /:\/\/|:\d+\/?$/.test(text) && !isUrl(text) && !existsSync(text)
}

async function upload(place: string, options: Options): Promise<void> {
  const destination = destinationOf(options.given, options)
  const source = await sourceOf(place)
  const { name, listing } = source
  for (const warning of listing.warnings) warn(`${name}: ${warning}`)
  const progress = new Progress(name, listing.bytes)
  const answer = await post(
    destination,
    `imports/?${queryOf(options)}`,
    () => {
      progress.restart()
      return source.read({
        onBytes: (bytes) => progress.add(bytes),
        onWarning: (sentence) => warn(`${name}: ${sentence}`),
      })
    },
    {
      patienceMs: options.patience * 1000,
      onPause: (reason, seconds) => warn(`${name}: ${reason}; trying again in ${seconds} s`),
    },
  )
  progress.end()
  report(name, await readReply(answer, destination))
}

function report(name: string, { jobs }: Reply): void {
  for (const { url, tests, files, warnings } of jobs) {
    say(
      `${url} ${tests.added} tests added, ${tests.changed} changed, ${tests.unchanged} there already; ${files.added} files added`,
    )
    for (const warning of warnings) warn(`${name}: ${warning}`)
  }
}

/** Makes the query of the import: what the files do not say. */
export function queryOf({
  files,
  label: labels,
  description,
}: Pick<Settings, 'files' | 'label'> & { description?: string | undefined }): URLSearchParams {
  const query = new URLSearchParams()
  if (!files) query.append('files', 'no')
  if (description !== undefined) query.append('description', description)
  const host = hostname()
  if (host !== '') query.append('uploader_host', host)
  for (const { key, value } of labels) query.append('label', `${key}:${value}`)
  return query
}

interface Source {
  name: string
  listing: Listing
  read(events: PackEvents): ReadableStream<Uint8Array>
}

/** A directory is packed while it is sent; a file is sent as it is. @throws Failure, and system errors */
async function sourceOf(place: string): Promise<Source> {
  const { path, stat } = resolveSource(place)
  const name = basename(path)
  if (stat.isDirectory()) {
    const listing = await listFiles(path)
    if (!listing.files.some(({ path }) => path === 'results.json' || path === '.journal.sqlite')) {
      throw new Failure(
        ['no job directory: it has neither results.json nor .journal.sqlite.', ...listing.warnings].join(
          '\n',
        ),
      )
    }
    return { name, listing, read: (events) => packFiles(path, listing, events) }
  }
  if (!stat.isFile()) throw new Failure('neither a directory nor a file.')
  const file = Bun.file(path)
  await file.slice(0, 1).bytes() // an unreadable file fails now, not while it is sent
  const listing = { files: [], bytes: stat.size, warnings: [] }
  const read = ({ onBytes }: PackEvents) => file.stream().pipeThrough(countBytes(onBytes))
  return { name, listing, read }
}

/** Follows the argument if it is a link, such as Avocado's `latest`. */
function resolveSource(place: string): { path: string; stat: Stats } {
  try {
    const path = realpathSync(place)
    return { path, stat: statSync(path) }
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
    throw new Failure('there is no such directory or file.')
  }
}

function countBytes(onBytes: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      onBytes(chunk.length)
      controller.enqueue(chunk)
    },
  })
}

/** Shows a progress bar on a terminal, and nothing elsewhere. */
class Progress {
  private sent = 0
  private shown = ''

  constructor(
    private readonly name: string,
    private readonly total: number,
  ) {}

  restart(): void {
    this.sent = 0
  }

  add(bytes: number): void {
    this.sent += bytes
    if (!process.stderr.isTTY) return
    const part = this.total === 0 ? 1 : Math.min(1, this.sent / this.total)
    const bar = `${this.name} [${'#'.repeat(Math.round(part * 30)).padEnd(30)}] ${Math.round(part * 100)} %`
    if (bar === this.shown) return
    this.shown = bar
    process.stderr.write(`\r${bar}`)
  }

  end(): void {
    if (this.shown !== '') process.stderr.write('\n')
  }
}
