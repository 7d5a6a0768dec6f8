// The compiled binary and its peers, each a process of its own.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { asked, folder } from './options'

const binary = resolve(asked.binary ?? resolve(import.meta.dir, '../../dist/avocado-server'))

export interface Running {
  origin: string
  pid: number
  stop(): Promise<void>
}

/** @param name  of a database in the folder of this run, or a path. */
export function startServer(name: string, args: string[] = []): Promise<Running> {
  return start([binary, 'runserver', '127.0.0.1:0', '--database', resolve(folder, name), ...args])
}

/** Makes the administrator `admin` in a database of this run. @returns what a request of theirs bears */
export async function createAdministrator(name: string): Promise<{ authorization: string }> {
  const password = 'bench-password'
  const commands = [
    ['createsuperuser', '--username=admin', '--noinput'],
    ['changepassword', 'admin'],
  ]
  for (const command of commands) {
    const child = Bun.spawn([binary, ...command, '--database', join(folder, name)], {
      stdin: new Blob([`${password}\n`]),
      stdout: 'ignore',
      stderr: 'inherit',
    })
    if ((await child.exited) !== 0) throw new Error(`${command.join(' ')} failed`)
  }
  return { authorization: `Basic ${btoa(`admin:${password}`)}` }
}

/** A bare Bun.serve that answers everything with these bytes. */
export async function startPeer(bytes: Uint8Array): Promise<Running> {
  const file = join(folder, 'answer.json')
  await Bun.write(file, bytes)
  return startScript(`
    const body = await Bun.file(${JSON.stringify(file)}).bytes()
    const headers = { 'content-type': 'application/json' }
    const fetch = () => new Response(body, { headers })`)
}

/** A bare Bun.serve that parses what is posted and sends it back. */
export function startEcho(): Promise<Running> {
  return startScript('const fetch = async (request) => Response.json(await request.json())')
}

/** One of the scripts in floors/. */
export function startFloor(name: string, args: string[]): Promise<Running> {
  return start([process.execPath, resolve(import.meta.dir, 'floors', name), ...args])
}

function startScript(source: string): Promise<Running> {
  const serve = `
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', development: false, fetch })
    console.log('Listening on http://127.0.0.1:' + server.port + '/')`
  return start([process.execPath, '-e', source + serve])
}

async function start(command: string[]): Promise<Running> {
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' })
  let output = ''
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += chunk
    const origin = /Listening on (http:\/\/\S+)\//.exec(output)?.[1]
    if (!origin) continue
    return {
      origin,
      pid: child.pid,
      async stop() {
        child.kill()
        await child.exited
      },
    }
  }
  throw new Error(`${command[0]} ended: ${output}`)
}

/** @param peak  the most it ever was, in place of what it is now. */
export function residentMb(pid: number, peak = false): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = new RegExp(`${peak ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+)`).exec(status)?.[1]
  return Math.round(Number(kilobytes) / 1024)
}
