// The load: wrk, on loopback, in one thread of its own.

import { resolve } from 'node:path'
import { quick, SECONDS } from './options'

const wrk = Bun.which('wrk')

export function requireWrk(): void {
  if (wrk) return
  throw new Error('wrk makes the load and is not installed: apt-get install wrk, then run this again.')
}

interface Load {
  connections: number
  seconds?: number
  /** A file of this folder that makes the requests, and what it is told: at the end also how many connections there are. */
  script?: 'get.lua' | 'post.lua'
  args?: string[]
  headers?: Record<string, string>
}

export interface Answered {
  perSecond: number
  /** Milliseconds. */
  p99: number
}

/** How long the load of a short run is made before it is measured, in seconds. */
const WARM_UP_SECONDS = 3

/**
 * Makes the load before a short run. The program has just started: its code is not compiled yet, and no answer is kept. In
 * one second that would be most of what is measured.
 */
export async function warmUp(url: string, how: Load): Promise<void> {
  if (quick) await load(url, { ...how, seconds: WARM_UP_SECONDS })
}

/** @throws Error when an answer is no 2xx, or a connection broke. */
export async function load(
  url: string,
  { connections, seconds = SECONDS, script, args = [], headers = {} }: Load,
): Promise<Answered> {
  const command = [wrk ?? 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency']
  for (const [name, value] of Object.entries(headers)) command.push('-H', `${name}: ${value}`)
  if (script) command.push('-s', resolve(import.meta.dir, script))
  command.push(url, '--', ...args, String(connections))
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' })
  const output = await child.stdout.text()
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`wrk ${url}:\n${output}`)
  const [, digits, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(output) ?? []
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]),
    p99: Number(digits) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's'],
  }
}
