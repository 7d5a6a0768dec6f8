// runserver --backup-to: when a backup is made, which ones stay, and what the log says.

import { expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { SmallDisk } from '../support/disk'
import { needing } from '../support/needs'

const NAME = /^avocadoserver-20\d{6}T\d{6}Z\.tar$/
const OLD = ['avocadoserver-20240101T000000Z.tar', 'avocadoserver-20240102T000000Z.tar']

/** The lines that the server has written to its log, once `until` is among them. */
async function logOf(server: Serving, until: string): Promise<Record<string, unknown>[]> {
  let text = ''
  const decoder = new TextDecoder()
  const reader = server.child.stderr.getReader()
  while (!text.includes(until)) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`the server ended: ${text}`)
    text += decoder.decode(value)
  }
  reader.releaseLock()
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('the first is made at the start, a line says so, and it can be restored', async () => {
  using folder = new Folder()
  mkdirSync(join(folder.path, 'backups'))
  {
    await using server = await folder.serve(['--open', '--backup-to', 'backups'])
    expect(await logOf(server, 'backed up')).toEqual([
      expect.objectContaining({
        level: 'info',
        msg: expect.stringMatching(/^backed up to backups\/.*\.tar: .* MiB/),
      }),
    ])
    expect((await new Client(server.origin).get('/')).status).toBe(200)
    expect(await server.stop()).toBe(0)
  }
  const made = readdirSync(join(folder.path, 'backups'))
  expect(made).toEqual([expect.stringMatching(NAME)])
  expect((await folder.run(['restore', `backups/${made[0]}`, '--database', 'b.sqlite'])).code).toBe(0)
  // There is one of the last day: a server that starts again makes none.
  await using server = await folder.serve(['--backup-to', 'backups'])
  await Bun.sleep(500)
  expect(await server.stop()).toBe(0)
  expect(readdirSync(join(folder.path, 'backups'))).toEqual(made)
})

test('when a new one is whole, the oldest goes, and what is not one of its backups stays', async () => {
  using folder = new Folder()
  const backups = join(folder.path, 'backups')
  mkdirSync(backups)
  const others = [
    `${OLD[0]}.${process.pid}.part`, // of a process that is still there
    'avocadoserver-monday.tar',
    'other-20240101T000000Z.tar',
  ]
  const gone = Bun.spawnSync(['true']).pid
  const leftovers = [`${OLD[0]}.${gone}.part`, `${OLD[0]}.${gone}.database`, `${OLD[0]}.${gone}.database-wal`]
  for (const name of [...OLD, ...others, ...leftovers]) writeFileSync(join(backups, name), '')
  await using server = await folder.serve(['--backup-to', 'backups', '--backup-keep', '2'])
  await logOf(server, 'backed up')
  await Bun.sleep(100)
  const left = readdirSync(backups).sort()
  expect(left.filter((name) => NAME.test(name))).toEqual([
    OLD[1] as string,
    expect.stringMatching(/-202[6-9]/),
  ])
  expect(left.filter((name) => !NAME.test(name))).toEqual(others)
})

needing('tmpfs')(
  'one that fails is an error in the log, the server goes on, and no backup is deleted',
  async () => {
    using folder = new Folder()
    using disk = new SmallDisk(1)
    for (const name of OLD) writeFileSync(join(disk.path, name), '')
    disk.fill()
    await using server = await folder.serve(['--open', '--backup-to', disk.path, '--backup-keep', '1'])
    expect(await logOf(server, 'no backup')).toEqual([
      expect.objectContaining({
        level: 'error',
        msg: 'no backup was made',
        reason: expect.stringMatching(/^There is no room for .*\.tar: make room there/),
        again: expect.any(String),
      }),
    ])
    expect(readdirSync(disk.path).sort()).toEqual([...OLD, 'ballast'])
    expect((await new Client(server.origin).post('/jobs/', {})).status).toBe(201)
  },
)

test('a folder that goes away while the server runs is an error in the log', async () => {
  using folder = new Folder()
  const backups = join(folder.path, 'backups')
  mkdirSync(backups)
  const file = join(backups, OLD[0] as string)
  writeFileSync(file, '')
  await using server = await folder.serve(['--backup-to', 'backups'])
  renameSync(backups, `${backups}.away`)
  const [line] = await logOf(server, 'no backup')
  expect(line).toMatchObject({ level: 'error', msg: 'no backup was made' })
  expect((await fetch(server.origin)).status).toBe(200)
})

test('a server that stops ends its backup, and nothing is left of it', async () => {
  using folder = new Folder()
  const backups = join(folder.path, 'backups')
  mkdirSync(backups)
  await using server = await folder.serve(['--backup-to', 'backups'])
  expect(await server.stop()).toBe(0)
  const left = readdirSync(backups)
  expect(left.filter((name) => !NAME.test(name))).toEqual([])
})

test('a folder that is not there is told at the start', async () => {
  using folder = new Folder()
  expect(await folder.run(['runserver', '127.0.0.1:0', '--backup-to', 'missing'])).toEqual({
    code: 1,
    stdout: '',
    stderr: `The folder ${folder.path}/missing does not exist: create it first.\n`,
  })
  writeFileSync(join(folder.path, 'file'), '')
  expect((await folder.run(['runserver', '127.0.0.1:0', '--backup-to', 'file'])).stderr).toBe(
    `${folder.path}/file is no folder: backups must lie in one.\n`,
  )
  expect(existsSync(join(folder.path, 'avocadoserver.sqlite'))).toBe(false)
})
