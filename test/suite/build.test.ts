// Tests of the executable build it themselves: once, however many ask at the same time.

import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = mkdtempSync(join(tmpdir(), 'avocado-suite-'))
afterAll(() => rmSync(root, { recursive: true }))

for (const folder of ['src', 'scripts']) mkdirSync(join(root, folder))
for (const file of ['src/main.ts', 'package.json', 'bun.lock', 'scripts/build.ts'])
  writeFileSync(join(root, file), '')
const made = join(root, 'dist/made')

/** Ten processes that need it at once. @returns their exit codes */
async function tenNeedIt(command: string): Promise<number[]> {
  const program = `
    import { buildWhereNeeded } from '${resolve(import.meta.dir, '../support/build')}'
    buildWhereNeeded('${root}', '${made}', ['sh', '-c', '${command}'])`
  writeFileSync(join(root, 'need.ts'), program)
  const children = Array.from({ length: 10 }, () =>
    Bun.spawn([process.execPath, 'need.ts'], { cwd: root, stderr: 'ignore' }),
  )
  return Promise.all(children.map((child) => child.exited))
}

const builds = () => readFileSync(join(root, 'builds'), 'utf8')
const BUILD = 'echo built >> builds; sleep 0.2; echo > dist/made'

test('where it is missing, where it is older than a source, and not again', async () => {
  expect(await tenNeedIt(BUILD)).toEqual(Array(10).fill(0))
  expect(builds()).toBe('built\n')
  const later = new Date(Date.now() + 5000)
  utimesSync(join(root, 'src/main.ts'), later, later)
  await tenNeedIt(`${BUILD}; touch -d "+1 hour" dist/made`)
  expect(builds()).toBe('built\nbuilt\n')
  await tenNeedIt(BUILD)
  expect(builds()).toBe('built\nbuilt\n')
})

test('a build that fails fails all who need it', async () => {
  rmSync(made)
  expect(await tenNeedIt('exit 1')).toEqual(Array(10).fill(1))
})
