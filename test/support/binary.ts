// The compiled binary, started as a user starts it: in an empty folder, over a real socket.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildWhereNeeded } from './build'

const root = resolve(import.meta.dir, '../..')

let isBuilt = false

/** The path of dist/avocado-server, built first where it is missing or older than the sources. */
export function binary(): string {
  const path = join(root, 'dist/avocado-server')
  if (!isBuilt) buildWhereNeeded(root, path, ['bun', 'run', 'build'])
  isBuilt = true
  return path
}

export interface Result {
  code: number
  stdout: string
  stderr: string
}

type Environment = Record<string, string>

/** Databases with an administrator, by the password. */
const made = new Map<string, Uint8Array>()

/** An empty folder with the binary beside it. `using folder = new Folder()` removes it at the end. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'avocado-server-'))
  /** What the commands make in it unless told. */
  readonly database = join(this.path, 'avocadoserver.sqlite')

  /** Runs a command to its end, without a terminal. */
  async run(
    args: string[],
    { stdin = '', env = {} }: { stdin?: string; env?: Environment } = {},
  ): Promise<Result> {
    const child = Bun.spawn([binary(), ...args], {
      cwd: this.path,
      env: environment(env),
      stdin: new Blob([stdin]),
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()])
    return { code: await child.exited, stdout, stderr }
  }

  /** Runs a shell command in the folder; `avocado-server` in it is the binary. */
  async shell(command: string): Promise<Result> {
    const child = Bun.spawn(['sh', '-c', command], {
      cwd: this.path,
      env: environment({}),
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()])
    return { code: await child.exited, stdout, stderr }
  }

  /** Creates the database and the administrator `admin` with this password; copies it if the file has made one. */
  async setUp(password = '123'): Promise<void> {
    const bytes = made.get(password)
    if (bytes) return writeFileSync(this.database, bytes, { mode: 0o600 })
    await this.run(['syncdb', '-v0', '--noinput'])
    await this.run(['createsuperuser', '--username=admin', '--noinput'])
    await this.run(['changepassword', 'admin'], { stdin: `${password}\n` })
    made.set(password, readFileSync(this.database))
  }

  /**
   * Starts `runserver`, on a free port unless told, and waits until it answers.
   *
   * @param program  what to start in place of the binary.
   */
  async serve(
    args: string[] = [],
    { env = {}, port = '0', program = [] }: { env?: Environment; port?: string; program?: string[] } = {},
  ): Promise<Serving> {
    const command = program.length > 0 ? program : [binary()]
    const child = Bun.spawn([...command, 'runserver', `127.0.0.1:${port}`, ...args], {
      cwd: this.path,
      env: environment(env),
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    let output = ''
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk
      const url = /Listening on (https?:\/\/[^\s]+)\//.exec(output)?.[1]
      if (url) return new Serving(child, url, output)
    }
    throw new Error(`runserver ended: ${output}${await child.stderr.text()}`)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true })
  }
}

/** A running server. `await using` stops it at the end. */
export class Serving {
  constructor(
    readonly child: Bun.Subprocess<'ignore', 'pipe', 'pipe'>,
    /** `http://127.0.0.1:PORT`, or `https:` */
    readonly origin: string,
    /** What it printed until it listened. */
    readonly greeting: string,
  ) {}

  /** Sends the signal. @returns the exit code */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    await this.child.exited
    return this.child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL')
  }
}

function environment(env: Environment): Environment {
  return { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env }
}
