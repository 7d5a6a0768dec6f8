// The machine gives no more: file descriptors, memory. What clients are told, and that nothing that was acknowledged
// is lost.

import { expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'

const SOUND = { code: 0, stdout: './avocadoserver.sqlite is sound.\n', stderr: '' }

const openFiles = ({ child }: Serving) => readdirSync(`/proc/${child.pid}/fd`).length

async function idsOf(client: Client): Promise<string[]> {
  const { body } = await client.get('/jobs/?ordering=number&page_size=1000&omit=tests,activities')
  return body.results.map(({ id }: { id: string }) => id)
}

/** A connection that stays; requests go over it one after another. */
class Wire {
  private text = ''
  private wake = () => {}

  private constructor(private readonly socket: Bun.Socket) {}

  static async open(server: Serving): Promise<Wire> {
    const { hostname, port } = new URL(server.origin)
    let wire: Wire | undefined
    const socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data(_, bytes) {
          if (!wire) return
          wire.text += bytes.toString()
          wire.wake()
        },
      },
    })
    wire = new Wire(socket)
    return wire
  }

  async post(path: string, body: string): Promise<{ status: number; body: { detail?: string } }> {
    this.text = ''
    this.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    for (;;) {
      const [, status, length, rest = ''] =
        /^HTTP\/1.1 (\d+)[\s\S]*?\r\ncontent-length: (\d+)[\s\S]*?\r\n\r\n([\s\S]*)$/i.exec(this.text) ?? []
      if (status && rest.length >= Number(length)) return { status: Number(status), body: JSON.parse(rest) }
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  close(): void {
    this.socket.end()
  }
}

test('without file descriptors: a sentence or success, and all goes on when there are some', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  const wire = await Wire.open(server)
  expect((await wire.post('/jobs/', '{"id": "before"}')).status).toBe(201) // and so it is accepted
  const limit = openFiles(server) + 20
  Bun.spawnSync(['prlimit', '--pid', String(server.child.pid), `--nofile=${limit}:${limit}`])
  const crowd = await Promise.all(Array.from({ length: 60 }, () => Wire.open(server)))
  while (openFiles(server) < limit) await Bun.sleep(10)

  const stored = ['before']
  for (let count = 0; count < 10; count++) {
    const { status, body } = await wire.post('/jobs/', JSON.stringify({ id: `during-${count}` }))
    if (status === 201) stored.push(`during-${count}`)
    else {
      expect({ status, body }).toEqual({
        status: 503,
        body: {
          detail:
            'The server has as many files and connections open as it may: nothing was stored. Send it again in a while.',
        },
      })
    }
  }
  for (const one of crowd) one.close()
  while (openFiles(server) > limit - 15) await Bun.sleep(10)
  expect((await client.post('/jobs/', { id: 'after' })).status).toBe(201)
  expect(await idsOf(client)).toEqual([...stored, 'after'])
  wire.close()
  expect(await server.stop()).toBe(0)
  expect(await folder.run(['check', '--files'])).toEqual(SOUND)
})

/** A cgroup of its own, version 1 or 2, that may use so much memory and no swap. `using` removes it when it is empty. */
class MemoryLimit {
  private constructor(private readonly path: string) {}

  /** @returns undefined where cgroups cannot be made, as in most containers. */
  static of(bytes: number): MemoryLimit | undefined {
    const [root, file] = existsSync('/sys/fs/cgroup/memory')
      ? (['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'] as const)
      : (['/sys/fs/cgroup', 'memory.max'] as const)
    const path = join(root, `avocado-test-${process.pid}`)
    try {
      mkdirSync(path)
      writeFileSync(join(path, file), String(bytes))
      return new MemoryLimit(path)
    } catch {
      return undefined
    }
  }

  take(pid: number): void {
    writeFileSync(join(this.path, 'cgroup.procs'), String(pid))
  }

  [Symbol.dispose](): void {
    rmdirSync(this.path)
  }
}

test('with too little memory the server is killed, and what was acknowledged is there', async () => {
  using folder = new Folder()
  using limit = MemoryLimit.of(150 * 1024 ** 2)
  const stored = ['before']
  {
    await using server = await folder.serve(['--open'])
    const client = new Client(server.origin)
    await client.post('/jobs/', { id: 'before' })
    limit?.take(server.child.pid)
    const tests = Array.from({ length: 20_000 }, (_, index) => ({
      tag: `${index}-a`,
      fail_reason: 'x'.repeat(500),
    }))
    for (let round = 0; round < 30 && server.child.signalCode === null; round++) {
      const replies = await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          const id = `load-${round}-${writer}`
          const reply = await client.post('/jobs/', { id, tests }).catch(() => undefined)
          return reply?.status === 201 ? [id] : []
        }),
      )
      stored.push(...replies.flat())
      // Where no cgroup can be made, this does what the kernel would.
      if (!limit) setTimeout(() => server.child.kill('SIGKILL'), 100)
    }
    await server.child.exited
    expect(server.child.signalCode).toBe('SIGKILL')
  }
  await using next = await folder.serve(['--open'])
  const found = await idsOf(new Client(next.origin))
  expect(stored.filter((id) => !found.includes(id))).toEqual([])
  await next.stop()
  // Jobs that were being written are swept at the start.
  expect(await folder.run(['check'])).toEqual(SOUND)
})
