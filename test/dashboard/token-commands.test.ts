import { expect, test } from 'bun:test'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { commandsWith } from '../../src/dashboard/page/token-commands'
import { withServer } from '../support/server'

const server = withServer()
const JOB = resolve(import.meta.dir, '../fixtures/jobs/single-nosysinfo/job-2026-11-23T18.21-e805cec')
const ID = 'e805cec4fab01f4e8a0feda6ea0be7067fe4a526'

/** A test machine: the latest job at its usual place, its results.json at hand, `avocado-server` installed. */
class Machine {
  readonly home = mkdtempSync(join(tmpdir(), 'avocado-server-'))

  constructor() {
    mkdirSync(join(this.home, 'avocado/job-results'), { recursive: true })
    symlinkSync(JOB, join(this.home, 'avocado/job-results/latest'))
    copyFileSync(join(JOB, 'results.json'), join(this.home, 'results.json'))
    const program = join(this.home, 'avocado-server')
    const main = resolve(import.meta.dir, '../../src/main.ts')
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
    chmodSync(program, 0o755)
  }

  async run(command: string): Promise<number> {
    const env = { HOME: this.home, PATH: `${this.home}${delimiter}${process.env.PATH}` }
    const child = Bun.spawn(['sh', '-ec', command], {
      cwd: this.home,
      env,
      stdout: 'ignore',
      stderr: 'inherit',
    })
    return child.exited
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true })
  }
}

const titles = commandsWith('', '').map(({ title }, index) => [index, title] as const)

test.each(titles)('command %i sends a job as it stands there: %s', async (index) => {
  using machine = new Machine()
  const { body: made } = await server.client.post('/users/1/tokens/', { label: 'lab' })
  const { command = '' } = commandsWith(made.token, server.origin)[index] ?? {}
  expect(await machine.run(command)).toBe(0)
  const { body } = await server.stranger.get('/jobs/')
  expect(body.results.map(({ id }: { id: string }) => id)).toEqual([ID])
})
