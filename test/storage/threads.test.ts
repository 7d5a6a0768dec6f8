// The threads are told by name what to do: what a thread does not load ends it, and with the writer's the server.

import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '../../src')
const transpiler = new Bun.Transpiler({ loader: 'ts' })

/** A file of src/ and all that it loads, directly or by way of others. */
function loadedBy(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded
  loaded.add(file)
  for (const { path } of transpiler.scanImports(readFileSync(join(root, file), 'utf8'))) {
    const found = path.startsWith('.') ? `${join(dirname(file), path)}.ts` : ''
    if (found && existsSync(join(root, found))) loadedBy(found, loaded)
  }
  return loaded
}

function filesThatCall(define: RegExp): string[] {
  return [...new Glob('**/*.ts').scanSync(root)].filter((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .some((line) => define.test(line) && !/\bfunction\b/.test(line)),
  )
}

for (const [thread, define] of [
  ['server/workers/writer.ts', /\bdefineWrite\b[(<]/],
  ['server/workers/long-queries.ts', /\bdefine(?:Request|Collection)?Quer(?:y|ies)\b[(<]/],
] as const) {
  test(`${thread} loads every file that defines something for its thread`, () => {
    const loaded = loadedBy(thread)
    const defining = filesThatCall(define)
    expect(defining.length).toBeGreaterThan(3)
    expect(defining.filter((file) => !loaded.has(file))).toEqual([])
  })
}
