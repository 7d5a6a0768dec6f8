// How many requests a second a server answers.

import { CONNECTIONS, SECONDS } from './options'

export const wrk = Bun.which('wrk')

export async function requestsPerSecond(url: string): Promise<number> {
  if (!wrk) return loop(url)
  const child = Bun.spawn([wrk, '-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, url], { stdout: 'pipe' })
  const output = await child.stdout.text()
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`wrk ${url}:\n${output}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1])
}

async function loop(url: string): Promise<number> {
  const end = performance.now() + SECONDS * 1000
  let requests = 0
  const ask = async () => {
    for (; performance.now() < end; requests++) await (await fetch(url)).arrayBuffer()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, ask))
  return requests / SECONDS
}
