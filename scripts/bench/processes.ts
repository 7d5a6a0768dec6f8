// The compiled binary and its peers, each a process of its own.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { folder } from './options'

const binary = resolve(import.meta.dir, '../../dist/avocado-server')

export interface Running {
  origin: string
  pid: number
  stop(): Promise<void>
}

export async function startServer(name = 'bench.sqlite'): Promise<Running> {
  const database = join(folder, name)
  return start([binary, 'runserver', '127.0.0.1:0', '--open', '--database', database])
}

export function startPeer(file: string): Promise<Running> {
  const source = `
    const body = await Bun.file(${JSON.stringify(file)}).bytes()
    const headers = { 'content-type': 'application/json' }
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', development: false, fetch: () => new Response(body, { headers }) })
    console.log('Listening on http://127.0.0.1:' + server.port + '/')`
  return start([process.execPath, '-e', source])
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

export async function residentMb(pid: number): Promise<number> {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes) / 1024)
}
