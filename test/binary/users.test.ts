// Users, their roles and tokens, and the audit log, on the command line beside a running server.

import { expect, test } from 'bun:test'
import { Folder } from '../support/binary'
import { Client } from '../support/client'
import { needing } from '../support/needs'
import { converse } from '../support/terminal'

const failure = (code: 1 | 2, sentence: string) => ({ code, stdout: '', stderr: `${sentence}\n` })
const said = (sentence: string) => ({ code: 0, stdout: `${sentence}\n`, stderr: '' })

/** A folder with the administrator `admin`, whose password is 123, and the user `lab`. */
async function withLab(role: string): Promise<Folder> {
  const folder = new Folder()
  await folder.setUp()
  const made = await folder.run(['createuser', '--username=lab', '--role', role], { stdin: 'lab password\n' })
  expect(made.code).toBe(0)
  return folder
}

needing('curl')("a reporter's token adds a job with curl, and cannot delete it", async () => {
  using folder = await withLab('member')
  const made = await folder.run(['createtoken', '--user', 'lab', '--role', 'reporter'])
  expect(made.stderr).toBe('Token 1 of lab, reporter. It is shown this once: keep it now.\n')
  await using server = await folder.serve()
  const curl = `curl -sS -w ' %{http_code}' -H 'Authorization: Bearer ${made.stdout.trim()}'`
  const post = `${curl} -o /dev/null -H 'Content-Type: application/json' -d '{"id": "a1"}' ${server.origin}/jobs/`
  expect((await folder.shell(post)).stdout).toBe(' 201')
  expect((await folder.shell(`${curl} -X DELETE ${server.origin}/jobs/a1/`)).stdout).toBe(
    '{"detail":"The role reporter does not allow this. Reads, and adds results; changes only jobs that it made, and deletes nothing: for lab machines."} 403',
  )
})

test('createuser makes a member unless told, without a usable password with --noinput', async () => {
  using folder = new Folder()
  await folder.setUp()
  expect(await folder.run(['createuser', '--username=bob', '--noinput'])).toEqual(
    said('Member bob created.\nSet a password with: avocado-server changepassword bob'),
  )
  expect(await folder.run(['createuser', '--username=bob', '--noinput'])).toEqual(
    failure(1, 'A user named bob exists already.'),
  )
  expect(await folder.run(['createuser'])).toEqual(failure(2, 'Without a terminal, --username is needed.'))
  expect(await folder.run(['createuser', '--noinput'])).toEqual(failure(2, '--noinput needs --username.'))
  expect(await folder.run(['createuser', '--username=c', '--role=king'])).toEqual(
    failure(2, '"king" is no role: administrator, member, reporter, reader.'),
  )
})

test('at a terminal, createuser asks for the name, the address, and twice for the password', async () => {
  using folder = new Folder()
  await folder.setUp()
  const { code, shown } = await converse(
    folder,
    ['createuser', '--role', 'reader'],
    [
      ['Username', '\r'],
      ['cannot be a username', 'eve\r'],
      ['Email', '\r'],
      ['Password for eve', 'secret-1\r'],
      ['The same password again', 'secret-1\r'],
    ],
  )
  expect({ code, shown }).toEqual({ code: 0, shown: expect.stringContaining('Reader eve created.') })
  expect(shown).not.toContain('secret-1')
})

test('listusers shows all users, aligned or as JSON, and what others typed does nothing to the terminal', async () => {
  using folder = await withLab('reporter')
  await folder.run(['createuser', '--username=b', '--email=\u001b[2Jx\u202e', '--noinput'])
  await folder.run(['disableuser', 'lab'])
  const { stdout } = await folder.run(['listusers'])
  expect(stdout.replace(/\S+Z/g, 'TIME')).toBe(
    [
      'ID  USER   ROLE           STATUS       CREATED               EMAIL',
      '1   admin  administrator  active       TIME',
      '2   lab    reporter       disabled     TIME',
      '3   b      member         no password  TIME  \\u{1b}[2Jx\\u{202e}',
      '',
    ].join('\n'),
  )
  const users = JSON.parse((await folder.run(['listusers', '--json'])).stdout)
  expect(users[1]).toEqual({
    id: 2,
    username: 'lab',
    email: '',
    role: 'reporter',
    disabled: true,
    created: expect.any(String),
    has_password: true,
  })
})

test('disableuser, enableuser and setrole hold for a running server at once', async () => {
  using folder = await withLab('member')
  const token = (await folder.run(['createtoken', '--user', 'lab'])).stdout.trim()
  await using server = await folder.serve()
  const client = new Client(server.origin, { authorization: `Bearer ${token}` })
  const status = async () => (await client.post('/jobs/')).status
  expect(await status()).toBe(201)
  expect(await folder.run(['disableuser', 'lab'])).toEqual(said('lab is disabled.'))
  expect(await status()).toBe(401)
  expect(await folder.run(['enableuser', 'lab'])).toEqual(said('lab is enabled.'))
  expect(await status()).toBe(201)
  expect(await folder.run(['setrole', 'lab', 'reader'])).toEqual(said('The role of lab is reader now.'))
  expect(await status()).toBe(403)
  expect((await folder.run(['listtokens'])).stdout).toMatch(/\n1 +lab +reader /)
  expect(await folder.run(['createtoken', '--user', 'lab', '--role', 'member'])).toEqual(
    failure(1, 'lab is reader: a token of lab cannot be member.'),
  )
})

test('the last administrator is neither disabled nor demoted', async () => {
  using folder = await withLab('administrator')
  expect((await folder.run(['disableuser', 'lab'])).code).toBe(0)
  const last = failure(1, 'admin is the last administrator: make another user one before.')
  expect(await folder.run(['disableuser', 'admin'])).toEqual(last)
  expect(await folder.run(['setrole', 'admin', 'member'])).toEqual(last)
  await folder.run(['enableuser', 'lab'])
  expect((await folder.run(['setrole', 'admin', 'member'])).code).toBe(0)
  expect((await folder.run(['setrole', 'lab', 'administrator'])).code).toBe(0)
})

test.each([['disableuser'], ['enableuser'], ['setrole'], ['changepassword']])(
  '%s says that there is no such user',
  async (command) => {
    using folder = new Folder()
    await folder.setUp()
    const args = command === 'setrole' ? [command, 'eve', 'member'] : [command, 'eve']
    expect(await folder.run(args)).toEqual(failure(1, 'There is no user named eve.'))
  },
)

test('audit shows who did what, the newest last, narrowed and as JSON', async () => {
  using folder = await withLab('member')
  const server = await folder.serve()
  const client = new Client(server.origin)
  await client.as('lab', 'lab password').post('/jobs/', { id: 'a1' })
  expect((await client.as('lab', 'lab password').delete('/jobs/a1/')).status).toBe(204)
  expect((await client.as('admin', 'wrong secret').get('/jobs/')).status).toBe(401)
  await server.stop() // what was gathered is written at the end
  const { stdout } = await folder.run(['audit'])
  expect(stdout.replace(/\S+Z/g, 'TIME                ')).toBe(
    [
      'TIME                  WHO           FROM       ACTION            WHAT        DETAIL',
      'TIME                  command line  -          user-added        user admin  administrator',
      'TIME                  command line  -          password-changed  user admin',
      'TIME                  command line  -          user-added        user lab    member',
      'TIME                  lab           127.0.0.1  deleted           job a1      number 1, 0 tests',
      'TIME                  -             127.0.0.1  sign-in-refused   user admin',
      '',
    ].join('\n'),
  )
  expect(stdout).not.toContain('secret')
  const ofLab = (await folder.run(['audit', '--user', 'lab', '--since', '1h', '--json'])).stdout
  const entries = ofLab
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(entries.map(({ action, object }) => [action, object])).toEqual([
    ['user-added', 'user lab'],
    ['deleted', 'job a1'],
  ])
  expect((await folder.run(['audit', '--since', '2100-01-01T00:00Z', '--json'])).stdout).toBe('')
  expect(await folder.run(['audit', '--since', 'yesterday'])).toEqual(
    failure(2, '--since: "yesterday" is neither a duration such as 7d nor a time such as 2026-11-24T12:00.'),
  )
})

test('the audit log is shortened when the server starts', async () => {
  using folder = await withLab('member')
  const server = await folder.serve(['--audit-days', '0'])
  await new Client(server.origin).get('/jobs/')
  expect(await server.stop()).toBe(0)
  expect((await folder.run(['audit', '--json'])).stdout).toBe('')
})
