// Signing in and out, and what others can do to somebody who is signed in: pages of other origins, and the
// administrator at the command line.

import { afterAll, beforeAll, describe, expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { PASSWORD, signIn, test, withDashboard } from '../support/browser'

const REFUSED = /status of 401/
const INVALID = /status of 400/

const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })
const signedOut = (page: Page) => page.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor()
const focused = (page: Page, name: string) => page.locator(`input[name=${name}]:focus`).waitFor()

/** Types into the form, which has the focus when it opens. */
async function type(page: Page, username: string, password: string): Promise<void> {
  await focused(page, 'username')
  await page.keyboard.type(username)
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
}

describe('where everybody may read', () => {
  const dashboard = withDashboard(async ({ client }) => {
    await client.post('/jobs/', { id: 'seen', description: 'seen by all' })
    await client.post('/users/', { username: 'carol', password: 'first' })
    await client.post('/users/', { username: 'ellen', password: 'first', role: 'administrator' })
  })

  test('signs in by keyboard, and goes back to where one came from', async () => {
    const page = await dashboard.open('/jobs?status=none')
    await page.getByText('seen by all').waitFor()
    await page.getByRole('link', { name: 'Sign in' }).focus()
    await page.keyboard.press('Enter')
    await type(page, 'admin', PASSWORD)
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await page.getByText('seen by all').waitFor()
    await page.waitForURL(`${dashboard.origin}/dashboard/jobs?status=none`)
    // The form is no step of the history: back is where one was before.
    await page.goBack()
    await page.waitForURL('**/dashboard/jobs?status=none')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
  })

  test('the session is in a cookie that no script and no other site gets', async () => {
    const page = await dashboard.open('/')
    await signIn(page)
    const now = Date.now() / 1000
    const [cookie, ...others] = await page.context().cookies()
    expect(others).toEqual([])
    expect(cookie).toEqual({
      name: 'avocado_session',
      value: expect.stringMatching(/^[\w-]{43}$/),
      domain: '127.0.0.1',
      path: '/',
      expires: expect.any(Number),
      httpOnly: true,
      secure: false,
      sameSite: 'Strict',
    })
    expect(Math.abs((cookie?.expires ?? 0) - now - 14 * 24 * 3600)).toBeLessThan(60)
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0)
  })

  test('wrong credentials: a sentence at the form, the name stays, and the right ones work', async () => {
    const page = await dashboard.open('/sign-in')
    await type(page, 'admin', 'wrong')
    await page.getByRole('alert').getByText('Invalid username/password.').waitFor()
    await dashboard.expectComplaints(REFUSED)
    expect(await field(page, 'Username').inputValue()).toBe('admin')
    await field(page, 'Password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await page.waitForURL(`${dashboard.origin}/dashboard/`)
  })

  test('what is blank is said at its field, which has the focus', async () => {
    const page = await dashboard.open('/sign-in')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await focused(page, 'username')
    expect(await page.getByText('This field may not be blank.').count()).toBe(2)
    const described = await field(page, 'Username').getAttribute('aria-describedby')
    expect(await page.locator(`[id="${described}"]`).textContent()).toBe('This field may not be blank.')
    expect(await field(page, 'Username').getAttribute('aria-invalid')).toBe('true')
    await page.keyboard.type('admin')
    await page.keyboard.press('Enter')
    await focused(page, 'password')
    expect(await page.getByText('This field may not be blank.').count()).toBe(1)
    await dashboard.expectComplaints(INVALID, 2)
  })

  test('the form takes the focus before anybody can type, and not again', async () => {
    const page = await dashboard.open('/')
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    // A busy machine draws late: what waits for that comes when the username is there already.
    await page.evaluate(`{
      const held = []
      const { setTimeout, requestAnimationFrame } = window
      window.setTimeout = window.requestAnimationFrame = (callback) => held.push(callback)
      window.drawNow = async () => {
        Object.assign(window, { setTimeout, requestAnimationFrame })
        for (const callback of held) callback()
        await new Promise((done) => setTimeout(done, 50))
      }
    }`)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await field(page, 'Username').fill('admin')
    await field(page, 'Password').focus()
    await page.evaluate('drawNow()')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
  })

  test.each([
    ['//evil.example/', '/dashboard/'],
    ['https://evil.example/dashboard/', '/dashboard/'],
    ['/dashboard/../swagger', '/dashboard/'],
    ['/dashboard/sign-in', '/dashboard/'],
    ['/dashboard/jobs?search=a%26b#here', '/dashboard/jobs?search=a%26b#here'],
  ])('?to=%s leads to %s', async (to, path) => {
    const page = await dashboard.open(`/sign-in?to=${encodeURIComponent(to)}`)
    await type(page, 'admin', PASSWORD)
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await page.waitForURL(`${dashboard.origin}${path}`)
    // Signed in already, it leads on at once, and no further.
    await page.goto(`${dashboard.origin}/dashboard/sign-in?to=${encodeURIComponent(to)}`)
    await page.waitForURL(`${dashboard.origin}${path}`)
  })

  test('signing out ends the session itself, in every window of the browser', async () => {
    const page = await dashboard.open('/')
    await signIn(page)
    const [cookie] = await page.context().cookies()
    const other = await page.context().newPage()
    await other.goto(`${dashboard.origin}/dashboard/account`)
    await other.getByRole('heading', { name: 'admin' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signedOut(page)
    expect(await page.context().cookies()).toEqual([])
    const session = dashboard.client.with({ authorization: '', cookie: `avocado_session=${cookie?.value}` })
    expect((await session.get('/auth/me/')).body.user).toBeNull()
    await other.reload()
    await other.getByText('Nobody is signed in here.').waitFor()
  })

  test('a password changed at the command line signs out who is signed in, and the page says so', async () => {
    const page = await dashboard.open('/')
    await page.getByRole('link', { name: 'Sign in' }).click()
    await type(page, 'ellen', 'first')
    await page.getByRole('link', { name: 'Users' }).click()
    await page.getByRole('link', { name: 'carol' }).waitFor()
    await dashboard.folder.run(['changepassword', 'ellen'], { stdin: 'second\n' })
    await page.getByRole('link', { name: 'carol' }).click()
    await page.getByText('Users and their tokens are for administrators to see.').waitFor()
    await signedOut(page)
    expect(await page.getByRole('link', { name: 'Users' }).count()).toBe(0)
    await dashboard.expectComplaints(REFUSED)
    // And on from there, at the same address.
    const address = page.url()
    await page.locator('main').getByRole('link', { name: 'Sign in' }).click()
    await type(page, 'ellen', 'second')
    await page.getByRole('heading', { name: 'carol' }).waitFor()
    expect(page.url()).toBe(address)
  })

  test("one's own password: what is wrong is said, the other windows are signed out, this one is not", async () => {
    const page = await dashboard.open('/sign-in?to=/dashboard/account')
    await type(page, 'carol', 'first')
    await page.getByText('Member. Reads and writes; administers nobody.').waitFor()
    const elsewhere = await dashboard.open('/sign-in?to=/dashboard/account')
    await type(elsewhere, 'carol', 'first')
    await elsewhere.getByText('Member. Reads and writes; administers nobody.').waitFor()

    await field(page, 'Current password').fill('guessed')
    await field(page, 'New password').fill('second')
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByText('This is not your password.').waitFor()
    await focused(page, 'current_password')
    await dashboard.expectComplaints(INVALID)
    expect(await field(page, 'New password').inputValue()).toBe('second')

    await field(page, 'Current password').fill('first')
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByText('Changed. You are signed out everywhere else.').waitFor()
    expect(await field(page, 'New password').inputValue()).toBe('')
    await elsewhere.reload()
    await elsewhere.getByText('Nobody is signed in here.').waitFor()
    await page.reload()
    await page.getByText('Member. Reads and writes; administers nobody.').waitFor()
    expect((await dashboard.client.as('carol', 'first').get('/auth/me/')).status).toBe(401)
    expect((await dashboard.client.as('carol', 'second').get('/auth/me/')).status).toBe(200)
  })

  describe('a page of another origin', () => {
    let evil: Bun.Server<undefined>
    let evilPage: string
    beforeAll(() => {
      const headers = { 'content-type': 'text/html' }
      evil = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(evilPage, { headers }) })
    })
    afterAll(() => evil.stop(true))

    // Another port of the same machine is the same site, for which SameSite lets the cookie through; a name is not.
    test.each([
      ['127.0.0.1', 403, 403],
      ['localhost', 401, 204],
    ])('at %s changes nothing', async (hostname, refused, loggedOut) => {
      const page = await dashboard.open('/')
      await signIn(page)
      const before = await dashboard.client.get('/jobs/')
      const attacks: [path: string, fields: Record<string, string>, status: number][] = [
        ['/jobs/', { id: 'evil' }, refused],
        ['/users/', { username: 'evil', password: 'evil', role: 'administrator' }, refused],
        ['/users/1/tokens/', { label: 'evil' }, refused],
        ['/auth/password/', { current_password: PASSWORD, new_password: 'evil' }, refused],
        ['/auth/login/', { username: 'carol', password: 'first' }, 403],
        ['/auth/logout/', {}, loggedOut],
        ['/imports/?format=tap', { 'TAP version 13': '1..1' }, refused],
      ]
      const here = `http://${hostname}:${evil.port}/`
      const other = await page.context().newPage()
      for (const [path, fields, status] of attacks) {
        const url = `${dashboard.origin}${path}`
        evilPage = formTo(url, fields)
        // A window of its own: where the form leads may come late, and in the way of the next one.
        const victim = await page.context().newPage()
        const answer = victim.waitForResponse(url)
        await victim.goto(here, { waitUntil: 'commit' })
        expect([path, (await answer).status()]).toEqual([path, status])
        evilPage = scriptTo(url, fields)
        await other.goto(here)
        await other.getByText('nothing, opaque 0, nothing').waitFor()
      }

      expect((await dashboard.client.get('/jobs/')).body).toEqual(before.body)
      const users = (await dashboard.client.get('/users/')).body
      expect(users.results.map(({ username }: { username: string }) => username)).not.toContain('evil')
      expect((await dashboard.client.get('/users/1/tokens/')).body.count).toBe(0)
      await page.reload()
      await page.getByTitle('admin, administrator').waitFor()
    })
  })
})

describe('where one has to be signed in', () => {
  const dashboard = withDashboard(
    async ({ client }) => {
      await client.post('/jobs/', {
        id: 'secret-1',
        description: 'not for all',
        tests: [{ tag: 'hidden', status: 'FAIL' }],
      })
    },
    { args: ['--private'] },
  )

  test.each([
    ['/', 'Triage'],
    ['/jobs?search=not', 'not for all'],
    ['/jobs/secret-1', 'not for all'],
    ['/jobs/secret-1/tests/1', 'hidden'],
    ['/api/jobs/secret-1/', '"not for all"'],
    ['/users', 'Add a user'],
    ['/users/1', 'Make a token'],
    ['/account', 'Change the password'],
    ['/nothing/here', 'Nothing is here'],
  ])('%s shows the form, and then what it is for', async (path, shown) => {
    const page = await dashboard.open(path)
    await focused(page, 'username')
    expect(await page.locator('main').textContent()).not.toMatch(/not for all|hidden|Nothing is here/)
    expect(await page.locator('main h1').allTextContents()).toEqual(['Sign in'])
    await dashboard.expectComplaints(REFUSED, 0)
    await type(page, 'admin', PASSWORD)
    await page.locator('main').getByText(shown).first().waitFor()
    await page.waitForURL(`${dashboard.origin}/dashboard${path}`)
  })

  test('at its own address, too, the form stays as it is once somebody types', async () => {
    const page = await dashboard.open('/sign-in')
    const { promise: told, resolve: tell } = Promise.withResolvers<void>()
    await page.route('**/auth/me/', async (route) => {
      await told
      await route.continue()
    })
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    // The form of a private server is another one, for which it must be known that it is private.
    expect(await page.getByRole('textbox').count()).toBe(0)
    tell()
    await type(page, 'admin', PASSWORD)
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
  })

  test('an answer from before one signed in signs nobody out', async () => {
    await dashboard.client.post('/users/', { username: 'fred', password: 'first' })
    const page = await dashboard.open('/jobs')
    await type(page, 'fred', 'first')
    await page.getByText('not for all').waitFor()
    await page.getByRole('status').getByText('Live').waitFor()
    await dashboard.folder.run(['changepassword', 'fred'], { stdin: 'second\n' })
    // Two requests are refused, and the page asks each time who is signed in. The first answer comes last.
    const late = Promise.withResolvers<void>()
    await page.route(
      '**/auth/me/',
      async (route) => {
        const response = await route.fetch()
        await late.promise
        await route.fulfill({ response })
      },
      { times: 1 },
    )
    const isAsked = page.waitForRequest('**/auth/me/')
    await page.getByRole('link', { name: 'not for all' }).click()
    await isAsked
    await page.getByRole('link', { name: 'Jobs', exact: true }).click()
    await type(page, 'fred', 'second')
    await page.getByText('not for all').waitFor()
    const answered = page.waitForResponse('**/auth/me/')
    late.resolve()
    await answered
    await page.getByRole('link', { name: 'not for all' }).click()
    await page.getByRole('heading', { name: 'not for all' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()
    await dashboard.expectComplaints(REFUSED, 0)
  })

  test('what happens is told live once one is signed in; signing out hides all of it', async () => {
    const page = await dashboard.open('/jobs')
    await type(page, 'admin', PASSWORD)
    await page.getByText('not for all').waitFor()
    await page.getByRole('status').getByText('Live').waitFor()
    await dashboard.client.post('/jobs/', { id: 'secret-2', description: 'came just now' })
    await page.getByText('came just now').waitFor()
    await dashboard.expectComplaints(REFUSED, 0)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await focused(page, 'username')
    expect(await page.content()).not.toMatch(/not for all|came just now/)
    await page.goto(`${dashboard.origin}/dashboard/jobs`)
    await focused(page, 'username')
    expect(await page.content()).not.toMatch(/not for all|came just now/)
    await dashboard.expectComplaints(REFUSED, 0)
  })

  test('a session that ended elsewhere: the form comes at the next question, and nothing stays in sight', async () => {
    await dashboard.client.post('/users/', { username: 'dora', password: 'first' })
    const page = await dashboard.open('/')
    await type(page, 'dora', 'first')
    await page.getByRole('link', { name: 'Jobs', exact: true }).click()
    await page.getByText('not for all').waitFor()
    await dashboard.folder.run(['changepassword', 'dora'], { stdin: 'second\n' })
    await page.getByRole('link', { name: 'not for all' }).click()
    await focused(page, 'username')
    expect(await page.content()).not.toContain('not for all')
    await type(page, 'dora', 'second')
    await page.getByRole('heading', { name: 'not for all' }).waitFor()
    await dashboard.expectComplaints(REFUSED, 0)
  })

  test('who is disabled sees the form as soon as anything happens, without asking for anything', async () => {
    const { body } = await dashboard.client.post('/users/', { username: 'ellen', password: 'first' })
    const page = await dashboard.open('/jobs')
    await type(page, 'ellen', 'first')
    await page.getByText('not for all').waitFor()
    await page.getByRole('status').getByText('Live').waitFor()
    await dashboard.client.patch(`/users/${body.id}/`, { disabled: true })
    await dashboard.client.post('/jobs/', { id: 'secret-3', description: 'too late for her' })
    await focused(page, 'username')
    expect(await page.content()).not.toMatch(/not for all|too late for her/)
    await dashboard.expectComplaints(REFUSED, 0)
  })
})

/** A page that sends a form as soon as it is opened: a browser asks nobody before it does that. */
function formTo(url: string, fields: Record<string, string>): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`)
  return `<form method="POST" action="${url}">${inputs.join('')}</form><script>document.forms[0].submit()</script>`
}

/** A page that sends what a script can, as JSON and as what needs no leave, and shows what it hears of the answers. */
function scriptTo(url: string, fields: Record<string, string>): string {
  const json = { 'content-type': 'application/json', 'x-csrf-token': 'guessed' }
  const init = { method: 'POST', credentials: 'include', body: JSON.stringify(fields) }
  const tries = [
    { ...init, headers: json },
    { ...init, mode: 'no-cors', headers: { 'content-type': 'text/plain' } },
    { credentials: 'include' },
  ]
  return `<p>waits</p><script>
    const say = ({ type, status }) => type + ' ' + status
    const send = (init) => fetch('${url}', init).then(say, () => 'nothing')
    Promise.all(${JSON.stringify(tries)}.map(send)).then((heard) => {
      document.querySelector('p').textContent = heard.join(', ')
    })
  </script>`
}
