// What the log says, to programs and to a person at a terminal: who asked for what, and what failed, and no secret.

import { expect, test } from 'bun:test'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { binary, Folder, type Serving } from '../support/binary'
import { Client } from '../support/client'
import { asBrowser } from '../support/session'

const NAME = 'avocadoserver.sqlite'

/** Stops the server. @returns the lines of its log */
async function logOf(server: Serving): Promise<Record<string, unknown>[]> {
  await server.stop()
  const text = await server.child.stderr.text()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

test('each line is JSON: when, how bad, which request, of whom, what became of it, how long it took', async () => {
  using folder = new Folder()
  await folder.setUp('right password')
  await using server = await folder.serve(['--log-level', 'debug'])
  const client = new Client(server.origin).as('admin', 'right password')
  await client.with({ 'x-request-id': 'lab-7' }).post('/jobs/', { id: 'a1' })
  await new Client(server.origin).get('/jobs/a1/?include=outcomes')
  await new Client(server.origin).get('/nowhere/')
  const common = { level: 'debug', msg: 'answered', milliseconds: expect.any(Number) }
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const id = expect.stringMatching(/^[0-9a-f]{12}$/)
  expect(await logOf(server)).toEqual([
    {
      ...common,
      time,
      id: 'lab-7',
      user: 'admin',
      method: 'POST',
      path: '/jobs/',
      route: '/jobs/',
      status: 201,
    },
    { ...common, time, id, method: 'GET', path: '/jobs/a1/', route: '/jobs/:job/', status: 200 },
    { ...common, time, id, method: 'GET', path: '/nowhere/', status: 404 },
  ])
})

test('a failure of the server bears an id, and the log has more under it, at the usual level, too', async () => {
  using folder = new Folder()
  await using server = await folder.serve(['--open'])
  const client = new Client(server.origin)
  await client.post('/jobs/', { id: 'a1' })
  const path = join(folder.path, NAME)
  renameSync(path, `${path}.elsewhere`)
  const write = await client.post('/jobs/', { id: 'a2' })
  const ready = await client.with({ 'x-request-id': 'probe-1' }).get('/ready/')
  expect([write.status, ready.status, ready.headers.get('x-request-id')]).toEqual([503, 503, 'probe-1'])
  renameSync(`${path}.elsewhere`, path)
  // Without what maintenance says, which misses the file, too, when it runs at this moment.
  const lines = (await logOf(server)).filter(({ id }) => id !== undefined)
  const briefly = lines.map(({ level, id, method, path, status, msg }) => ({
    level,
    id,
    method,
    path,
    status,
    msg,
  }))
  const asked = { id: write.headers.get('x-request-id'), method: 'POST', path: '/jobs/' }
  expect(briefly).toEqual([
    {
      ...asked,
      level: 'error',
      msg: 'the database file was removed or replaced: put it back; to use another one, stop the server first',
      status: undefined,
    },
    { ...asked, level: 'warn', msg: 'answered', status: 503 },
    { id: 'probe-1', method: 'GET', path: '/ready/', level: 'warn', msg: 'answered', status: 503 },
  ])
})

test('no password, no token, no cookie, no body and no query comes into the log', async () => {
  const [password, next, wrong] = ['right-password-1', 'next-password-2', 'wrong-password-3']
  const [body, query] = ['secret-of-the-body-4', 'secret-of-the-query-5']
  using folder = new Folder()
  await folder.setUp(password)
  const made = await folder.run(['createtoken', '--user', 'admin'])
  const token = /avocado_[\w-]+/.exec(made.stdout)?.[0] ?? ''
  await using server = await folder.serve(['--log-level', 'debug'])
  const stranger = new Client(server.origin)
  const [admin, machine] = [
    stranger.as('admin', password),
    stranger.with({ authorization: `Bearer ${token}` }),
  ]
  const login = await stranger.post('/auth/login/', { username: 'admin', password })
  const browser = asBrowser(stranger, login)
  const cookie = /=([^;]+)/.exec(login.headers.getSetCookie()[0] ?? '')?.[1] ?? ''
  const tour = async () => {
    await admin.get('/jobs/')
    await stranger.as('admin', wrong).get('/jobs/')
    await stranger.as(wrong, 'x').post('/jobs/', { id: body })
    await stranger.with({ authorization: `Bearer ${token}x` }).get('/jobs/')
    await stranger.with({ authorization: `Basic ${token}` }).get('/jobs/')
    await stranger.post('/auth/login/', { username: 'admin', password: wrong })
    await machine.post('/jobs/', { description: body, tests: [{ tag: '1-t', fail_reason: body }] })
    await machine.post('/jobs/', `{"id": "${body}`)
    await machine.request('POST', '/imports/', { body: `{"id": "${body}", "time": 1` })
    await machine.get(`/jobs/?search=${query}&token=${token}`)
    await browser.get('/auth/me/')
    await browser.post('/users/', { username: 'other', password: next })
    await browser.post('/users/1/tokens/', { label: body })
    await admin.post('/auth/password/', { current_password: wrong, new_password: next })
    await stranger.with({ 'x-csrf-token': cookie, cookie: `avocado_session=${cookie}` }).get('/metrics/')
  }
  await tour()
  const path = join(folder.path, NAME)
  renameSync(path, `${path}.elsewhere`) // and what is said of failures
  await tour()
  renameSync(`${path}.elsewhere`, path)
  const lines = await logOf(server)
  expect(lines.filter(({ msg }) => msg === 'answered').length).toBeGreaterThan(25)
  expect(lines.some(({ level }) => level === 'error')).toBe(true)
  const text = JSON.stringify(lines)
  const secrets = [password, next, wrong, token, token.slice(8), cookie, body, query, login.body.csrf_token]
  const encoded = [`admin:${password}`, `admin:${wrong}`].map((pair) => btoa(pair))
  for (const secret of [...secrets, ...encoded]) {
    expect(secret.length).toBeGreaterThan(10)
    expect(text).not.toContain(secret)
  }
})

test('at a terminal the log is for people', async () => {
  using folder = new Folder()
  let shown = ''
  const child = Bun.spawn([binary(), 'runserver', '127.0.0.1:0', '--log-level', 'debug'], {
    cwd: folder.path,
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', TERM: 'xterm' },
    terminal: {
      cols: 200,
      rows: 30,
      data(_, bytes) {
        shown += new TextDecoder().decode(bytes)
      },
    },
  })
  const until = async (pattern: RegExp) => {
    const end = performance.now() + 10_000
    for (;;) {
      const found = pattern.exec(shown)
      if (found) return found
      if (performance.now() > end) throw new Error(`${pattern} did not appear; shown: ${shown}`)
      await Bun.sleep(10)
    }
  }
  const [, origin] = await until(/Listening on (http:\/\/\S+)\//)
  await fetch(`${origin}/jobs/nope/`, { headers: { 'x-request-id': 'lab-7' } })
  const [line] = await until(/^.*answered.*$/m)
  expect(line.trim()).toMatch(
    /^\d\d:\d\d:\d\d debug answered id=lab-7 method=GET path=\/jobs\/nope\/ route=\/jobs\/:job\/ status=404 milliseconds=\d+$/,
  )
  child.kill()
  await child.exited
})
