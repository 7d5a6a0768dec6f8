// TLS with certificates of one's own making, and the real curl.

import { expect } from 'bun:test'
import { Folder, type Serving } from '../support/binary'
import { makeCertificate } from '../support/certificate'
import { needing } from '../support/needs'

const test = needing('openssl')

async function withCertificate(): Promise<Folder> {
  const folder = new Folder()
  await makeCertificate(folder, 'server')
  await folder.shell('cp server.crt trusted.crt')
  return folder
}

const TLS = ['--tls-cert', 'server.crt', '--tls-key', 'server.key']

/** Sends SIGHUP, and waits until the log says something. */
async function hangUp({ child }: Serving): Promise<string> {
  child.kill('SIGHUP')
  const reader = child.stderr.getReader()
  const { value } = await reader.read()
  reader.releaseLock()
  return new TextDecoder().decode(value)
}

needing('openssl', 'curl')(
  'with --tls-cert and --tls-key the server speaks https: the URL, the links, the cookie, the script',
  async () => {
    using folder = await withCertificate()
    await folder.setUp('123')
    await using server = await folder.serve(TLS)
    expect(server.origin).toStartWith('https://127.0.0.1:')
    const curl = async (args: string) => (await folder.shell(`curl -sS --cacert trusted.crt ${args}`)).stdout

    const job = JSON.parse(
      await curl(`-u admin:123 --json '{"id":"a1","tests":[{"tag":"t"}]}' ${server.origin}/jobs/`),
    )
    expect(job.id).toBe('a1')
    expect(JSON.parse(await curl(`${server.origin}/`)).jobs).toBe(`${server.origin}/jobs/`)
    const { host } = new URL(server.origin)
    expect(JSON.parse(await curl(`-H 'Host: lab' ${server.origin}/`)).jobs).toBe('https://lab/jobs/')
    expect(await curl(`${server.origin}/upload.sh`)).toContain(`https://${host}`)
    const login = await curl(
      `-D - -o /dev/null --json '{"username":"admin","password":"123"}' ${server.origin}/auth/login/`,
    )
    expect(login).toMatch(/^set-cookie: avocado_session=.*; Secure/im)
    expect((await folder.shell(`curl -sS http://${host}/`)).code).not.toBe(0)
    expect((await folder.shell(`curl -sS ${server.origin}/`)).code).toBe(60)
    expect(await server.stop()).toBe(0)
  },
)

needing('openssl', 'curl').each(['no host', 'no/host', ''])(
  'TLS is TLS with the Host header "%s", too: in links and for the cookie',
  async (host) => {
    using folder = await withCertificate()
    await folder.setUp('123')
    await using server = await folder.serve(TLS)
    const curl = async (args: string) =>
      (await folder.shell(`curl -sS --cacert trusted.crt -H 'Host: ${host}' ${args}`)).stdout
    expect(JSON.parse(await curl(`${server.origin}/`)).jobs).toBe('https://localhost/jobs/')
    const login = `--json '{"username":"admin","password":"123"}' ${server.origin}/auth/login/`
    expect(await curl(`-D - -o /dev/null ${login}`)).toMatch(/^set-cookie: avocado_session=.*; Secure/im)
  },
)

needing('openssl', 'curl')(
  'SIGHUP takes a new certificate, while a request is under way, and keeps the old one when that is wrong',
  async () => {
    using folder = await withCertificate()
    await using server = await folder.serve([...TLS, '--open'])
    const subject = async () =>
      (
        await folder.shell(`curl -skv ${server.origin}/version/ 2>&1 | grep -o 'subject: CN=.*'`)
      ).stdout.trim()
    expect(await subject()).toBe('subject: CN=server')

    const slow = folder.shell(
      `(printf '{"id":"a1",'; sleep 2; printf '"description":"x"}') | ` +
        `curl -sk -H 'Content-Type: application/json' -T - -X POST ${server.origin}/jobs/`,
    )
    await Bun.sleep(500)
    await makeCertificate(folder, 'renewed')
    await folder.shell('mv renewed.crt server.crt; mv renewed.key server.key')
    expect(await hangUp(server)).toContain('the certificate was read again')
    expect([await subject(), await subject(), await subject()]).toEqual(Array(3).fill('subject: CN=renewed'))
    expect(JSON.parse((await slow).stdout)).toMatchObject({ id: 'a1', description: 'x' })

    await makeCertificate(folder, 'another')
    await folder.shell('mv another.key server.key')
    expect(await hangUp(server)).toContain(
      'the certificate stays as it was: The key in server.key is not that of the first certificate in server.crt.',
    )
    await folder.shell('rm server.crt')
    expect(await hangUp(server)).toContain(
      'the certificate stays as it was: --tls-cert server.crt: there is no such file.',
    )
    expect(await subject()).toBe('subject: CN=renewed')
    expect(await server.stop()).toBe(0)
  },
)

test.each([
  [
    'one without the other',
    '--tls-cert server.crt',
    2,
    '--tls-cert and --tls-key go together: give both, or neither.',
  ],
  [
    'the other without the one',
    '--tls-key server.key',
    2,
    '--tls-cert and --tls-key go together: give both, or neither.',
  ],
  [
    'no such file',
    '--tls-cert none.crt --tls-key server.key',
    1,
    '--tls-cert none.crt: there is no such file.',
  ],
  [
    'no such key',
    '--tls-cert server.crt --tls-key none.key',
    1,
    '--tls-key none.key: there is no such file.',
  ],
  ['a folder', '--tls-cert . --tls-key server.key', 1, '--tls-cert .: it is a folder.'],
  [
    'what is no certificate',
    '--tls-cert server.key --tls-key server.key',
    1,
    '--tls-cert server.key: this is no certificate in PEM ("-----BEGIN CERTIFICATE-----").',
  ],
  [
    'what is no key',
    '--tls-cert server.crt --tls-key server.crt',
    1,
    '--tls-key server.crt: this is no private key in PEM ("-----BEGIN PRIVATE KEY-----").',
  ],
  [
    'the key of another',
    '--tls-cert server.crt --tls-key another.key',
    1,
    'The key in another.key is not that of the first certificate in server.crt.',
  ],
  [
    'a key with a passphrase',
    '--tls-cert server.crt --tls-key locked.key',
    1,
    '--tls-key locked.key: the key is protected by a passphrase, which nobody can type here.',
  ],
])('runserver refuses %s, and makes no database', async (_, args, code, sentence) => {
  using folder = await withCertificate()
  await makeCertificate(folder, 'another')
  await folder.shell('openssl pkey -in server.key -aes256 -passout pass:x -out locked.key')
  const result = await folder.run(['runserver', '127.0.0.1:0', ...args.split(' ')])
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code, stderr: `${sentence}\n` })
  expect((await folder.shell('ls *.sqlite')).stdout).toBe('')
})

test('reset-and-run with a certificate that cannot be used deletes nothing', async () => {
  using folder = await withCertificate()
  await folder.setUp()
  const args = ['reset-and-run', '--noinput', '--tls-cert', 'none.crt', '--tls-key', 'server.key']
  const { code, stderr } = await folder.run(args)
  expect([code, stderr]).toEqual([1, '--tls-cert none.crt: there is no such file.\n'])
  expect((await folder.run(['changepassword', 'admin'], { stdin: 'new\n' })).code).toBe(0)
})

test('a second server at the address of one that speaks TLS is refused', async () => {
  using folder = await withCertificate()
  await using server = await folder.serve(TLS)
  const { port } = new URL(server.origin)
  const { code, stderr } = await folder.run([
    'runserver',
    `127.0.0.1:${port}`,
    ...TLS,
    '--database',
    'b.sqlite',
  ])
  expect([code, stderr]).toEqual([
    1,
    `Port ${port} on 127.0.0.1 is in use by another program: stop that, or choose another port.\n`,
  ])
})

test('avocado-server upload sends by https to a server whose certificate it is told to trust', async () => {
  using folder = await withCertificate()
  await folder.setUp('123')
  await using server = await folder.serve(TLS)
  await folder.shell('mkdir -p job')
  await Bun.write(
    `${folder.path}/job/results.json`,
    JSON.stringify({ job_id: 'a'.repeat(40), tests: [], total: 0, start: '2026-11-24 12:00:00' }),
  )
  const url = server.origin.replace('://', '://admin:123@')
  const env = { NODE_EXTRA_CA_CERTS: `${folder.path}/trusted.crt` }
  const trusting = await folder.run(['upload', 'job', url, '--patience', '1'], { env })
  expect([trusting.code, trusting.stderr]).toEqual([0, ''])
  // At once: no patience helps.
  const wary = await folder.run(['upload', 'job', url, '--patience', '60'])
  expect([wary.code, wary.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^job: https:\S+ has a certificate that is not trusted .* NODE_EXTRA_CA_CERTS\.\n$/,
    ),
  ])
})
