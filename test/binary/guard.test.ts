// Strangers, as an administrator would try it: the binary, and the real curl from several addresses of this machine.

import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { needing } from '../support/needs'

/** The status of each of several requests, one after the other. */
async function statuses(folder: Folder, requests: string[]): Promise<string[]> {
  const { stdout } = await folder.shell(
    requests.map((args) => `curl -s -o /dev/null -w '%{http_code}\\n' ${args}`).join('\n'),
  )
  return stdout.trim().split('\n')
}

needing('curl')('who guesses is told to wait, and everybody else goes on', async () => {
  using folder = new Folder()
  await folder.setUp('123')
  await using server = await folder.serve()
  const jobs = `${server.origin}/jobs/`
  const from = (address: string, credentials: string) => `--interface ${address} -u ${credentials} ${jobs}`

  const guesses = Array.from({ length: 10 }, (_, count) => from('127.0.0.2', `admin:${count}`))
  expect(await statuses(folder, [from('127.0.0.4', 'admin:123'), ...guesses])).toEqual([
    '200',
    ...Array(10).fill('401'),
  ])
  const { stdout } = await folder.shell(`curl -si ${from('127.0.0.2', 'admin:another')}`)
  const [head = '', body = ''] = stdout.split('\r\n\r\n')
  expect(head).toStartWith('HTTP/1.1 429 Too Many Requests')
  const [, seconds] = /^retry-after: (\d+)\r?$/im.exec(head) ?? []
  expect(JSON.parse(body)).toEqual({
    detail: `Too many wrong passwords from here: try again in ${seconds} seconds.`,
  })
  // In use elsewhere, new elsewhere, and with a header that anybody can write.
  expect(
    await statuses(folder, [
      from('127.0.0.4', 'admin:123'),
      from('127.0.0.3', 'admin:123'),
      `-H 'X-Forwarded-For: 192.0.2.1' ${from('127.0.0.2', 'admin:x')}`,
    ]),
  ).toEqual(['200', '200', '429'])
})

needing('curl')('two hundred guesses at once leave room for a sign-in and for the work', async () => {
  using folder = new Folder()
  await folder.setUp('123')
  await using server = await folder.serve()
  const token = (await folder.run(['createtoken', '--user', 'admin'])).stdout.trim()
  const flood = folder.shell(
    `seq 200 | xargs -P 200 -I N curl -s -o /dev/null -w '%{http_code}\\n' --interface 127.0.0.2 -u userN:x ${server.origin}/jobs/`,
  )
  await Bun.sleep(300)
  const mine = await statuses(folder, [
    `-u admin:123 ${server.origin}/jobs/`,
    `-H 'Authorization: Bearer ${token}' --json '{}' ${server.origin}/jobs/`,
  ])
  expect(mine).toEqual(['200', '201'])
  const told = (await flood).stdout.trim().split('\n')
  expect(told).toHaveLength(200)
  expect(told.filter((status) => !['401', '429', '503'].includes(status))).toEqual([])
  // Counted, not timed: so few were compared, and nobody waits for the others.
  expect(told.filter((status) => status === '401').length).toBeLessThanOrEqual(50)
})

needing('curl')(
  '--allowed-hosts, --trust-proxy, --body-timeout and --max-requests do what they say',
  async () => {
    using folder = new Folder()
    const flags = ['--allowed-hosts', 'lab,.example.com', '--trust-proxy', '--body-timeout', '1']
    await using server = await folder.serve([...flags, '--max-requests', '3', '--open'])
    const { host, port } = new URL(server.origin)
    const ask = async (args: string) => JSON.parse((await folder.shell(`curl -s ${args}`)).stdout)
    expect(await ask(server.origin)).toEqual({
      detail: `This server does not answer to the host "${host}": add it to --allowed-hosts.`,
    })
    expect(
      (await ask(`-H 'X-Forwarded-Host: a.example.com' -H 'X-Forwarded-Proto: https' ${server.origin}`)).jobs,
    ).toBe('https://a.example.com/jobs/')
    const lab = `--resolve lab:${port}:127.0.0.1 http://lab:${port}`
    expect((await ask(lab)).jobs).toBe(`http://lab:${port}/jobs/`)
    const slow = `(printf '{'; sleep 2; printf '}') | curl -s -H 'Content-Type: application/json' -T - -X POST ${lab}/jobs/`
    expect(JSON.parse((await folder.shell(slow)).stdout)).toEqual({
      detail:
        'The request body came too slowly: it may take 1 s, and one more for every 16 KiB (--body-timeout).',
    })
    const reader = `curl -sN -m 3 -o /dev/null ${lab}/events/`
    const readers = [folder.shell(reader), folder.shell(reader), folder.shell(reader)]
    await Bun.sleep(500)
    expect(await ask(`${lab}/jobs/`)).toEqual({
      detail: 'Too many requests are under way (--max-requests): try again in a second.',
    })
    await Promise.all(readers)
    expect((await ask(`${lab}/jobs/`)).count).toBe(0)
  },
)

test.each([' ', ' admin', 'ad\u200bmin', 'a\u202enimd'])(
  'createsuperuser refuses the name %p',
  async (name) => {
    using folder = new Folder()
    await folder.run(['syncdb', '-v0', '--noinput'])
    const { code, stderr } = await folder.run(['createsuperuser', '--noinput', `--username=${name}`])
    expect([code, stderr]).toEqual([
      2,
      `"${name}" cannot be a username of 1 to 150 characters. A username has no colon, no invisible characters, and no blanks at its ends.\n`,
    ])
  },
)
