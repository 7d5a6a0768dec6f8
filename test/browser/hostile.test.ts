// Whatever comes from the data is text: nothing of it runs, leads elsewhere, or breaks the page.

import { beforeEach, expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { expectWithinWidth, PASSWORD, signIn, test, waitUntil, withDashboard } from '../support/browser'
import { activeFiles, ansi, hostile, hostileFile, hostileName, pieces, uploadMade } from '../support/hostile'

const [image = ''] = pieces
const encoded = encodeURIComponent(image)
const now = new Date().toISOString()

const LONG = 100_000
const long = {
  description: 'd'.repeat(255),
  tag: `1-${'t'.repeat(1022)}`,
  name: 'n'.repeat(255),
  username: 'u'.repeat(150),
  text: 'x'.repeat(LONG),
}

/** The ids of what was stored. */
const ids = { test: 0, longTest: 0, user: 0, longUser: 0 }

const dashboard = withDashboard(async (started) => {
  const { client } = started
  const post = async (path: string, body: object) => {
    const reply = await client.post(path, body)
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply.body
  }
  const send = async (
    id: string,
    texts: {
      description: string
      tag: string
      name: string
      reason: string
      log: string
      file: string
      packageName: string
      username: string
    },
  ) => {
    const { name } = texts
    await uploadMade(started, id, texts)
    expect((await client.patch(`/jobs/${id}/`, { description: texts.description })).status).toBe(200)
    const job = await client.get(`/jobs/${id}/`)
    const test = job.body.tests[0].id
    const ofTest = `/jobs/${id}/tests/${test}`
    await post(`/jobs/${id}/activities/`, { activity: name, time: now })
    await post(`${ofTest}/activities/`, { activity: name, time: now, status: 'FAIL' })
    for (const owner of [`/jobs/${id}`, ofTest]) {
      await post(`${owner}/data/`, { category: name, key: name, value: texts.reason })
      await post(`${owner}/data/`, { key: 'short', value: name })
    }
    const user = await post('/users/', { username: texts.username, password: PASSWORD })
    await post(`/users/${user.id}/tokens/`, { label: texts.username })
    return { test, user: user.id }
  }
  const short = await send('hostile', {
    ...{ description: hostile, tag: `1-${hostile}`, name: hostile, reason: pieces.join('\n') },
    ...{ log: pieces.join('\n'), file: hostileFile, packageName: '<img/src=x/onerror="window.pwned=1">' },
    username: hostileName,
  })
  const wide = await send('long', {
    ...{ description: long.description, tag: long.tag, name: long.name, reason: long.text },
    ...{ log: `${long.text}\n`, file: 'f'.repeat(251), packageName: 'p'.repeat(255) },
    username: long.username,
  })
  Object.assign(ids, { test: short.test, user: short.user, longTest: wide.test, longUser: wide.user })
})

const dialogs: string[] = []
beforeEach(() => {
  dialogs.length = 0
})

/** Opens it without the policy that would stop a script even where the page let one in. */
async function openUnprotected(path: string): Promise<Page> {
  const page = await dashboard.open(path, { bypassCSP: true })
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    dialog.dismiss()
  })
  return page
}

/** Waits until all of it stands there as it was sent, and looks for what should not be there. */
async function expectText(page: Page, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    // Not `hasText`, which takes "Not Found" for "Not found", and so does not wait for it.
    const contents = () => page.locator('body').evaluate((body) => body.textContent ?? '')
    await waitUntil(`the page says ${text}`, async () => (await contents()).includes(text))
  }
  await expectHarmless(page)
}

async function expectHarmless(page: Page): Promise<void> {
  const made =
    'main img, script:not([src]), iframe, object, [onerror], [onload], [onclick], [href^="javascript:"]'
  expect(await page.locator(made).count()).toBe(0)
  const foreign =
    '[...document.links].map(({ href }) => href).filter((href) => !href.startsWith(location.origin))'
  expect(await page.evaluate(foreign)).toEqual([])
  expect(await page.evaluate('window.pwned')).toBeUndefined()
  expect(dialogs).toEqual([])
}

const lines = pieces.slice(0, -1)

test('a job shows what it holds as text, in every view', async () => {
  const page = await openUnprotected('/overview')
  await expectText(page, hostile)
  await page.locator('.failing .failing-name', { hasText: image }).waitFor()
  const views: [string, string[]][] = [
    ['/jobs', [hostile]],
    ['/jobs/hostile', [hostile, ...lines]],
    ['/jobs/hostile?tab=activities', [hostile]],
    ['/jobs/hostile?tab=environment', ['<img/src=x/onerror="window.pwned=1">']],
    ['/jobs/hostile?tab=files', [`data/${hostileFile}`, ...activeFiles]],
    ['/jobs/hostile?tab=data', [hostile, ...lines]],
    ['/jobs/hostile?tab=again', [`avocado run '1-<img src=x`, `avocado run '<img src=x`]],
    ['/api/jobs/hostile/', [JSON.stringify(hostile), JSON.stringify(`1-${hostile}`)]],
    ['/api/jobs/hostile/data/', [JSON.stringify(pieces.join('\n'))]],
    ['/api/jobs/hostile/files/', [JSON.stringify(`data/${hostileFile}`)]],
  ]
  for (const [path, texts] of views) {
    await page.goto(`${dashboard.origin}/dashboard${path}`)
    await expectText(page, ...texts)
  }
})

test('a test shows what it holds as text, in every view', async () => {
  const of = `/jobs/hostile/tests/${ids.test}`
  const page = await openUnprotected(of)
  await expectText(page, hostile, ...lines)
  // Of the log, too. What would turn the direction of writing is marked there.
  for (const line of lines) await page.locator('.log-text', { hasText: line }).waitFor()
  await page.locator('.log-text', { hasText: '\ufffdexe.gpj\ufffd' }).waitFor()
  expect(await page.title()).toContain(image)
  const views: [string, string[]][] = [
    [`${of}?tab=activities`, [hostile]],
    [`${of}?tab=environment`, ['<img/src=x/onerror="window.pwned=1">']],
    [`${of}?tab=data`, [hostile, ...lines]],
    [`${of}?tab=files`, [`data/${hostileFile}`]],
    [`${of}?file=${encodeURIComponent(`data/${hostileFile}`)}&find=${encoded}`, [hostileFile, image]],
    [`/api${of}/`, [JSON.stringify(pieces.join('\n'))]],
    [`/api${of}/activities/`, [JSON.stringify(hostile)]],
  ]
  for (const [path, texts] of views) {
    await page.goto(`${dashboard.origin}/dashboard${path}`)
    await expectText(page, ...texts)
  }
})

test('the names of users and tokens are text', async () => {
  const page = await openUnprotected('/')
  await signIn(page)
  await page.goto(`${dashboard.origin}/dashboard/users`)
  await expectText(page, hostileName)
  await page.getByRole('link', { name: hostileName }).click()
  await page.locator('td', { hasText: image }).waitFor()
  await expectText(page, hostileName)
  await page.getByRole('button', { name: 'Disable' }).click()
  await expectText(page, `Disable ${hostileName}?`)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: /^Revoke/ }).click()
  await expectText(page, `Revoke “${hostileName}”?`)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.goto(`${dashboard.origin}/dashboard/api/users/${ids.user}/tokens/`)
  await expectText(page, JSON.stringify(hostileName))

  const own = await openUnprotected('/sign-in?to=javascript:window.pwned=1')
  await own.getByLabel('Username').fill(hostileName)
  await own.getByLabel('Password').fill(PASSWORD)
  await own.getByRole('button', { name: 'Sign in' }).click()
  await own.waitForURL(`${dashboard.origin}/dashboard/`)
  await own.getByText(hostileName).first().waitFor()
  await own.goto(`${dashboard.origin}/dashboard/account`)
  await expectText(own, hostileName)
})

test('what an address says is text', async () => {
  const page = await openUnprotected(`/jobs?search=${encoded}&status=${encoded}&ordering=${encoded}`)
  expect(await page.getByLabel('Description, id or number').inputValue()).toBe(image)
  await expectText(page, image)
  await page.goto(`${dashboard.origin}/dashboard/jobs?search=${encoded}&ordering=${encoded}`)
  await expectText(page, hostile)
  for (const [path, text] of [
    [`/${encoded}`, 'Nothing is here'],
    [`/jobs/${encoded}`, image],
    [`/jobs/hostile?tab=${encoded}&outcome=${encoded}&search=${encoded}`, image],
    [`/api/${encoded}`, `There is nothing at /${encoded}`],
    [`/users/${encoded}`, 'for administrators'],
  ] as const) {
    await page.goto(`${dashboard.origin}/dashboard${path}`)
    await expectText(page, text)
  }
  await page.goto(`${dashboard.origin}/${encoded}`)
  await expectText(page, `/${encoded}`)
  await dashboard.expectComplaints(/status of 40[04]/)
})

test('a file that could run is read and not run', async () => {
  const page = await dashboard.open('/')
  for (const name of activeFiles) {
    const answer = await page.goto(`${dashboard.origin}/jobs/hostile/files/${name}`)
    expect(answer?.status()).toBe(200)
    expect(await page.evaluate('window.pwned')).toBeUndefined()
  }
  await dashboard.expectComplaints(/sandboxed|Content Security Policy/)
})

test('the colours of a terminal are colours in a log, and nowhere in the way', async () => {
  await uploadMade(dashboard, 'coloured', {
    ...{ tag: '1-colour', reason: ansi, log: `${ansi}\n`, file: 'a.log', packageName: 'a' },
  })
  expect((await dashboard.client.patch('/jobs/coloured/', { description: ansi })).status).toBe(200)
  const page = await openUnprotected('/jobs/coloured')
  await expectText(page, ansi)
  await page.locator('.tests .row-link').click()
  await expectText(page, ansi)
  const row = page.locator('.log-text').first()
  await row.waitFor()
  expect(await row.textContent()).toBe('red plain filled end\n')
  expect(await row.locator('.log-colored').allTextContents()).toEqual(['red'])
  expect(await row.locator('.log-filled').allTextContents()).toEqual(['filled'])
  expect(await page.title()).toBe('1-colour · Avocado results')
})

test('what is too long for a name is refused, and cut by an import, which says so', async () => {
  const { client } = dashboard
  const tooLong = { status: 400, body: { tag: ['Ensure this field has no more than 1024 characters.'] } }
  expect(await client.post('/jobs/long/tests/', { tag: long.text })).toMatchObject(tooLong)
  const test = { id: long.text, name: long.text, status: 'PASS' }
  const results = JSON.stringify({ job_id: 'cut', tests: [test] })
  const imported = await client.request('POST', '/imports/', { body: results })
  expect(imported.status).toBe(201)
  expect(imported.body.jobs[0].warnings).toEqual([
    `results.json: the tag of a test was cut at 1024 characters: ${long.text.slice(0, 60)}...`,
  ])
  const { body } = await client.get('/jobs/cut/tests/')
  expect(body.results.map(({ tag }: { tag: string }) => tag)).toEqual([long.text.slice(0, 1024)])
})

/** On a wide screen and on a phone: nothing stands out at the side, and the page does what it is told. */
async function expectInShape(page: Page): Promise<void> {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 })
    await expectWithinWidth(page)
  }
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor({ timeout: 2000 })
  await page.keyboard.press('Escape')
}

test('names and texts as long as can be leave the page in its width, and quick', async () => {
  const of = `/jobs/long/tests/${ids.longTest}`
  const page = await dashboard.open('/overview')
  await signIn(page)
  const views: [string, string][] = [
    ['/overview', long.description],
    ['/jobs', long.description],
    ['/jobs/long', long.tag.slice(2)],
    ['/jobs/long?tab=activities', long.name],
    ['/jobs/long?tab=environment', 'pppp'],
    ['/jobs/long?tab=files', 'ffff'],
    ['/jobs/long?tab=data', '100000 characters'],
    ['/jobs/long?tab=again', `avocado run ${long.tag.slice(2)}`],
    [of, 'xxxx'],
    [`${of}?tab=activities`, long.name],
    [`${of}?tab=environment`, 'pppp'],
    [`${of}?tab=data`, '100000 characters'],
    [`${of}?tab=files`, 'ffff'],
    [`${of}?file=data/${'f'.repeat(251)}`, 'xxxx'],
    [`/api${of}/`, 'more characters'],
    ['/api/jobs/long/data/', 'more characters'],
    ['/users', long.username],
    [`/users/${ids.longUser}`, long.username],
  ]
  for (const [path, text] of views) {
    await page.goto(`${dashboard.origin}/dashboard${path}`)
    await page.locator('main', { hasText: text }).waitFor()
    await expectInShape(page)
  }
})
