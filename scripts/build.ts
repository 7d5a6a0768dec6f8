// Compiles dist/avocado-server for this machine. --baseline: for processors without AVX2, as QEMU's default one is.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'bun'

const baseline = process.argv.includes('--baseline') && process.arch === 'x64'
const target = baseline ? ['--target=bun-linux-x64-baseline'] : []

// Names are not shortened, and so not --minify or --production: Elysia reads the source of its handlers to learn what
// they use, and does not understand it with other names. ESM, because only that can be split: parts of the dashboard
// that few need are not in its first load. The others are where threads begin.
await $`bun build --compile --bytecode --format=esm --splitting --minify-whitespace --minify-syntax --define process.env.NODE_ENV='"production"' ${target} --entry-naming "[name].[ext]" --outfile dist/avocado-server src/main.ts src/server/workers/writer-entry.ts src/server/workers/reader-entry.ts src/server/workers/parser-entry.ts`

/** What a browser loads before it shows the dashboard, packed, in bytes. */
const MAX_FIRST_LOAD = 90 * 1024

const folder = mkdtempSync(join(tmpdir(), 'avocado-build-'))
const server = Bun.spawn(
  ['dist/avocado-server', 'runserver', '127.0.0.1:0', '--database', join(folder, 'a.sqlite')],
  {
    stdout: 'pipe',
  },
)
try {
  const bytes = await firstLoad(await originOf(server.stdout))
  console.log(
    `dashboard: first load ${(bytes / 1024).toFixed(1)} KiB, gzip, of ${MAX_FIRST_LOAD / 1024} at most`,
  )
  if (bytes > MAX_FIRST_LOAD) process.exitCode = 1
} finally {
  server.kill()
  await server.exited
  rmSync(folder, { recursive: true })
}

async function originOf(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const origin = /Listening on (http:\/\/\S+)\//.exec(text)?.[1]
    if (origin) return origin
  }
  throw new Error(`the server that was built ended: ${text}`)
}

/** The page and all that it and its scripts name, but for what they load later: `import(...)`. */
async function firstLoad(origin: string): Promise<number> {
  const paths = new Set(['/dashboard/'])
  let bytes = 0
  for (const path of paths) {
    const text = await (await fetch(origin + path)).text()
    for (const [, name] of text.matchAll(/(?:\b(?:src|href)=|\bfrom)"([^"]+)"/g)) paths.add(name as string)
    const packed = await fetch(origin + path, { headers: { 'accept-encoding': 'gzip' }, decompress: false })
    bytes += (await packed.bytes()).length
  }
  return bytes
}
