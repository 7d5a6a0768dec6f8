// What files of tests share is made once and ends with them, as the browser does: no process is left behind.

import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const support = resolve(import.meta.dir, '../support')
const folder = mkdtempSync(join(tmpdir(), 'avocado-suite-'))
afterAll(() => rmSync(folder, { recursive: true }))

mkdirSync(join(folder, 'test'))
writeFileSync(join(folder, 'bunfig.toml'), `[test]\npreload = ["${support}/patience.ts"]\n`)
writeFileSync(
  join(folder, 'shared.ts'),
  `import { kept } from '${support}/kept'
  export const shared = kept(async () => console.log('made'), () => console.log('ended'))`,
)
for (const name of ['a', 'b', 'c']) {
  writeFileSync(
    join(folder, `test/${name}.test.ts`),
    `import { expect, test } from 'bun:test'
    import { shared } from '../shared'
    test('asks twice', async () => expect(await Promise.all([shared(), shared()])).toHaveLength(2))`,
  )
}

/** What was made and ended, in turn, by a run of the three files. */
function turns(args: string[] = [], env = {}): string[] {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, 'test', ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, AVOCADO_TESTS_KEEP: undefined, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  if (exitCode !== 0) throw new Error(`${stderr}`)
  return `${stdout}${stderr}`.match(/^(made|ended)$/gm) ?? []
}

test('files of one process share it, and it ends after the last', () => {
  expect(turns()).toEqual(['made', 'ended'])
})

test('files with modules of their own have one each, which ends with the file', () => {
  expect(turns(['--isolate'])).toEqual(['made', 'ended', 'made', 'ended', 'made', 'ended'])
})

test('where scripts/test.ts ends what is left, files that are runs of their own share it, too', () => {
  const args = ['--parallel=2', '--no-isolate']
  const inProcesses = turns(args, { AVOCADO_TESTS_KEEP: 'true' })
  expect([['made'], ['made', 'made']]).toContainEqual(inProcesses)
})
