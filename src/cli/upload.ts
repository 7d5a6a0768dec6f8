import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Settings } from '../config'
import { listFiles, packFiles } from '../uploads/pack'
import { NotSent, post, readDestination } from '../uploads/send'
import { Failure, say, WrongUsage, warn } from './terminal'

type Options = Pick<Settings, 'token' | 'patience' | 'files'> & { url: string }

interface Reply {
  jobs: {
    url: string
    tests: { added: number; changed: number; unchanged: number }
    files: { added: number }
    warnings: string[]
  }[]
}

export function addUpload(
  program: Command,
  read: () => Settings,
  addSendingOptions: (command: Command) => Command,
): void {
  addSendingOptions(
    program
      .command('upload')
      .description('send job directories to a server; the command for --result-upload-cmd of Avocado')
      .argument('<job-dir...>', 'directories, and behind them the URL if it is not set otherwise'),
  ).action(async (places: string[]) => {
    const settings = read()
    const last = places.at(-1) ?? ''
    if (isMeantAsUrl(last)) throw new WrongUsage(`"${last}" is no URL such as http://server:9405.`)
    const given = isUrl(last) ? places.pop() : undefined
    if (places.some(isUrl)) throw new WrongUsage('The URL of the server comes last.')
    if (places.length === 0) throw new WrongUsage('Name a job directory to send.')
    const url = serverOf(given, settings)
    const failed: string[] = []
    for (const place of places) {
      try {
        await upload(place, { ...settings, url })
      } catch (error) {
        if (!(error instanceof NotSent || error instanceof Failure)) throw error
        failed.push(`${place}: ${error.message}`)
      }
    }
    if (failed.length > 0) throw new Failure(failed.join('\n'))
  })
}

const isUrl = (text: string) => /^https?:\/\//.test(text)

/** `lab:9405`, `ftp://lab`: the scheme is missing, or another one. */
function isMeantAsUrl(text: string): boolean {
  return /:\/\/|:\d+\/?$/.test(text) && !isUrl(text) && !existsSync(text)
}

/** Where to send to: what the command line names, or else the setting. @throws WrongUsage */
export function serverOf(given: string | undefined, { url }: Settings): string {
  const server = given ?? url
  if (server !== undefined) return server
  throw new WrongUsage('Name the server: as the last argument, or by AVOCADO_SERVER_URL.')
}

async function upload(place: string, { url, token, patience, files }: Options): Promise<void> {
  const directory = jobDirectory(place)
  const listing = await listFiles(directory)
  if (!listing.files.some(({ path }) => path === 'results.json' || path === '.journal.sqlite')) {
    throw new Failure('no job directory: it has neither results.json nor .journal.sqlite.')
  }
  const progress = new Progress(basename(directory), listing.bytes)
  const reply = await post(
    readDestination(url, token),
    `imports/${files ? '' : '?files=no'}`,
    () => {
      progress.restart()
      return packFiles(directory, listing, (bytes) => progress.add(bytes))
    },
    {
      patienceMs: patience * 1000,
      onPause: (reason, seconds) => warn(`${basename(directory)}: ${reason}; trying again in ${seconds} s`),
    },
  )
  progress.end()
  const { jobs } = (await reply.json()) as Reply
  for (const { url, tests, files, warnings } of jobs) {
    say(
      `${url} ${tests.added} tests added, ${tests.changed} changed, ${tests.unchanged} there already; ${files.added} files added`,
    )
    for (const warning of warnings) warn(`${basename(directory)}: ${warning}`)
  }
}

/** The argument itself may be a link, such as Avocado's `latest`. */
function jobDirectory(place: string): string {
  try {
    const directory = realpathSync(place)
    if (statSync(directory).isDirectory()) return directory
  } catch {
    throw new Failure('there is no such directory.')
  }
  throw new Failure('no directory.')
}

/** A bar on a terminal, nothing otherwise. */
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
