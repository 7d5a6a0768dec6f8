// The page keeps up with the server by itself: while a job is pushed, and after it was cut off for a while.

import { expect } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import { test, waitUntil, withDashboard } from '../support/browser'
import { Client } from '../support/client'

/** Told by the stream, and not because the page asked again by itself, which it does by the hour. */
const SOON_MS = 10_000

/** A browser asks again after 2 s, and later and later while nobody answers. */
const HEALED_MS = 15_000

const hours = (count: number) => new Date(Date.now() - count * 3_600_000).toISOString()

const dashboard = withDashboard(async ({ client }) => {
  await post(client, '/jobs/', {
    id: 'yesterday',
    description: 'the run before',
    time: hours(1),
    status: 'PASS',
    tests: [{ tag: '1-net.py:Net.test_ping', status: 'PASS' }],
  })
})

/** What the server refuses fails the test here, and not where its effect is missed. */
async function post(client: Client, path: string, body: unknown): Promise<void> {
  const reply = await client.post(path, body)
  if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
}

const start = (id: string, description: string, tests: object[] = []) =>
  post(dashboard.client, '/jobs/', {
    id,
    description,
    time: new Date().toISOString(),
    status: 'RUNNING',
    tests,
  })

const end = (job: string, tag: string, status: string) =>
  post(dashboard.client, `/jobs/${job}/tests/${encodeURIComponent(tag)}/activities/`, {
    activity: 'ENDED',
    time: new Date().toISOString(),
    status,
  })

const connection = (page: Page, text: string, timeout = HEALED_MS) =>
  page.locator('.connection', { hasText: text }).waitFor({ timeout })

/** Opens a view, and waits until it is told of changes. What follows must not load it again. */
async function openLive(path: string): Promise<Page> {
  const page = await dashboard.open(path)
  await connection(page, 'Live')
  await page.evaluate('window.isFirst = true')
  return page
}

async function expectNotReloaded(...pages: Page[]): Promise<void> {
  for (const page of pages) expect(await page.evaluate('window.isFirst')).toBe(true)
}

const soon = { timeout: SOON_MS }
const tile = (page: Page, label: string, value: string) =>
  page
    .locator('.tile', { hasText: new RegExp(`^${label}`) })
    .locator('.tile-value')
    .getByText(value, { exact: true })
    .waitFor(soon)
const tileValue = async (page: Page, label: string) =>
  Number(
    await page
      .locator('.tile', { hasText: new RegExp(`^${label}`) })
      .locator('.tile-value')
      .textContent(),
  )
const jobRow = (page: Page, description: string) => page.locator('.jobs tbody tr', { hasText: description })
const bar = (page: Page, label: string) => page.getByRole('img', { name: label, exact: true })
const testRow = (page: Page, name: string, status: string) =>
  page.locator('.tests tbody tr', { hasText: name }).locator('.status', { hasText: status })

test('a job that is pushed test by test is followed on the overview', async () => {
  const page = await openLive('/overview')
  await page.locator('.tile').first().waitFor()
  const jobs = await tileValue(page, 'Jobs in the')
  const tests = await tileValue(page, 'Tests in the')
  const running = await tileValue(page, 'Jobs running')
  await start('pushed', 'pushed test by test')
  const row = jobRow(page, 'pushed test by test')
  await row.locator('.status', { hasText: 'Running' }).waitFor(soon)
  await row.getByRole('img', { name: 'no tests' }).waitFor()
  await tile(page, 'Jobs in the', `${jobs + 1}`)
  await tile(page, 'Jobs running', `${running + 1}`)

  const bars = ['1 Pass', '1 Fail, 1 Pass', '1 Error, 1 Fail, 1 Pass', '1 Error, 1 Fail, 1 Skip, 1 Pass']
  for (const [index, status] of ['PASS', 'FAIL', 'ERROR', 'SKIP'].entries()) {
    const tag = `${index + 1}-disk.py:Disk.test_${index}`
    await post(dashboard.client, '/jobs/pushed/tests/', { tag })
    await row.getByRole('img', { name: '1 Not ended' }).waitFor(soon)
    await tile(page, 'Tests in the', `${tests + index + 1}`)
    await end('pushed', tag, status)
    await row.getByRole('img', { name: bars[index] as string, exact: true }).waitFor(soon)
  }
  await page.locator('.failing a', { hasText: 'disk.py:Disk.test_1' }).waitFor(soon)

  await dashboard.client.patch('/jobs/pushed/', { status: 'ERROR' })
  await row.locator('.status', { hasText: 'Error' }).waitFor(soon)
  await tile(page, 'Jobs running', `${running}`)
  await expectNotReloaded(page)
})

test('the page of a job counts and lists its tests as they end', async () => {
  await start('open', 'a job that is looked at')
  const page = await openLive('/jobs/open')
  await page.getByText('This job has no tests yet.').waitFor()
  const summary = page.getByLabel('Summary')

  await post(dashboard.client, '/jobs/open/tests/', { tag: '1-cpu.py:Cpu.test_hot' })
  await testRow(page, 'cpu.py:Cpu.test_hot', 'Not ended').waitFor(soon)
  await end('open', '1-cpu.py:Cpu.test_hot', 'PASS')
  await testRow(page, 'cpu.py:Cpu.test_hot', 'Pass').waitFor(soon)
  await summary.getByText('100.0 %').waitFor(soon)

  await post(dashboard.client, '/jobs/open/tests/', { tag: '2-cpu.py:Cpu.test_cold' })
  await end('open', '2-cpu.py:Cpu.test_cold', 'FAIL')
  await testRow(page, 'cpu.py:Cpu.test_cold', 'Fail').waitFor(soon)
  await bar(page, '1 Fail, 1 Pass').waitFor(soon)
  await summary.getByRole('link', { name: '1 Fail' }).waitFor(soon)
  await summary.getByText('50.0 %').waitFor(soon)
  await page.getByRole('link', { name: 'Tests 2' }).waitFor()
  // The worst first, also of what has just come.
  expect(await page.locator('.tests tbody .row-link').allTextContents()).toEqual([
    '2-cpu.py:Cpu.test_cold',
    '1-cpu.py:Cpu.test_hot',
  ])

  await post(dashboard.client, '/jobs/open/activities/', { activity: 'COOLED', time: hours(0) })
  await page.getByRole('link', { name: 'Activities 1' }).waitFor(soon)
  await dashboard.client.patch('/jobs/open/', { status: 'FAIL', description: 'a job that has ended' })
  await page.getByRole('heading', { name: 'a job that has ended' }).waitFor(soon)
  await page.locator('.view-head .status', { hasText: 'Fail' }).waitFor()
  await expectNotReloaded(page)
})

test('the page of a test tells when it ends, and the strip when it runs again', async () => {
  const tag = '1-net.py:Net.test_ping'
  await start('today', 'the run of today', [{ tag }])
  const { body } = await dashboard.client.get('/jobs/today/')
  const page = await openLive(`/jobs/today/tests/${body.tests[0].id}`)
  await page.locator('.view-head .status', { hasText: 'Not ended' }).waitFor()
  const isStrip = async (list: Locator, ...outcomes: string[]) => {
    const shown = list.getByRole('link')
    const outcomeOf = (label: string | null) => label?.match(/\b(Not ended|Pass|Fail|Warn)\b/)?.[0]
    await waitUntil(`the strip shows ${outcomes}`, async () => {
      const labels = await Promise.all((await shown.all()).map((link) => link.getAttribute('aria-label')))
      return labels.map(outcomeOf).join() === outcomes.join()
    })
  }
  const history = page.getByLabel('The same test in the last jobs')
  await isStrip(history, 'Pass', 'Not ended')
  await start('again', 'once more', [{ tag, status: 'WARN' }])
  await isStrip(history, 'Pass', 'Not ended', 'Warn')

  // Of a failure another strip is shown, with what is known about it.
  await end('today', tag, 'FAIL')
  await page.locator('.view-head .status', { hasText: 'Fail' }).waitFor(soon)
  const runs = page.getByLabel('The last runs on unknown host')
  await isStrip(runs, 'Pass', 'Fail', 'Warn')
  await start('and-again', 'a third time', [{ tag, status: 'PASS' }])
  await isStrip(runs, 'Pass', 'Fail', 'Warn', 'Pass')
  await page.locator('.sentence', { hasText: 'passes since job' }).waitFor(soon)

  await dashboard.client.patch(`/jobs/today/tests/${body.tests[0].id}/`, { fail_reason: 'no answer' })
  await page.locator('.reason-block', { hasText: 'no answer' }).waitFor(soon)

  await page.getByRole('link', { name: 'Activities' }).click()
  await page.getByText('ENDED').waitFor()
  await post(dashboard.client, `/jobs/today/tests/${body.tests[0].id}/activities/`, {
    activity: 'CLEANED UP',
    time: hours(0),
  })
  await page.getByText('CLEANED UP').waitFor(soon)
  await page.getByRole('link', { name: 'Data' }).click()
  await page.getByText('No data was stored.').waitFor()
  await post(dashboard.client, `/jobs/today/tests/${body.tests[0].id}/data/`, {
    key: 'speed',
    value: '10 Mb/s',
  })
  await page.getByText('10 Mb/s').waitFor(soon)
  await expectNotReloaded(page)
})

test('what is still being counted is asked for again, without a change of any job', async () => {
  const tag = '1-slow.py:Slow.test'
  await start('counted', 'counted a moment later', [{ tag, status: 'FAIL' }])
  const page = await openLive('/jobs')
  let asked = 0
  await page.route('**/verdict/', async (route) => {
    const response = await route.fetch()
    const answer = (await response.json()) as object
    asked++
    // As the server answers while its background is busy.
    await route.fulfill({ response, json: asked < 3 ? { ...answer, incomplete: true } : answer })
  })
  await jobRow(page, 'counted a moment later').getByRole('link').click()
  await page.locator('.tests').getByRole('link', { name: tag }).click()
  const note = page.getByText('Results that came in a moment ago are still being counted.')
  await note.waitFor(soon)
  await note.waitFor({ state: 'detached', ...soon })
  expect(asked).toBeGreaterThanOrEqual(3)
  await expectNotReloaded(page)
})

test('a server that is killed and comes back is told of, and what changed meanwhile is shown', async () => {
  await start('survivor', 'before the crash', [{ tag: '1-a' }])
  const overview = await openLive('/overview')
  await jobRow(overview, 'before the crash').waitFor()
  const job = await openLive('/jobs/survivor')
  await testRow(job, '1-a', 'Not ended').waitFor()

  const { port } = new URL(dashboard.origin)
  await dashboard.serving.stop('SIGKILL')
  await Promise.all([overview, job].map((page) => connection(page, 'No connection, trying again')))
  // What was there is still there to be read.
  await testRow(job, '1-a', 'Not ended').waitFor()
  await overview.getByRole('link', { name: 'Jobs', exact: true }).click()
  await overview.getByRole('alert').getByText('The server does not answer. It is asked again').waitFor()
  await job.getByRole('link', { name: 'Environment' }).click()
  await job.locator('.tabs').getByRole('link', { name: 'Tests' }).click()
  await job.getByRole('alert').getByText('The server does not answer.').waitFor()

  // At another address, where the pages do not hear of it.
  {
    await using elsewhere = await dashboard.folder.serve()
    const client = new Client(elsewhere.origin).as('admin', 'correct horse')
    await post(client, '/jobs/survivor/tests/1-a/activities/', {
      activity: 'END',
      time: hours(0),
      status: 'FAIL',
    })
    await post(client, '/jobs/', { id: 'missed', description: 'while nobody saw' })
  }
  dashboard.serving = await dashboard.folder.serve([], { port })
  await Promise.all([overview, job].map((page) => connection(page, 'Live')))
  await jobRow(overview, 'while nobody saw').waitFor(soon)
  await testRow(job, '1-a', 'Fail').waitFor(soon)
  await bar(job, '1 Fail').waitFor(soon)
  for (const page of [overview, job]) await page.getByRole('alert').waitFor({ state: 'detached' })

  // And it goes on being told.
  await post(dashboard.client, '/jobs/survivor/tests/', { tag: '2-b', status: 'PASS' })
  await testRow(job, '2-b', 'Pass').waitFor(soon)
  await expectNotReloaded(overview, job)
  await dashboard.expectComplaints(/net::ERR_/)
})

test('a page without a network says so, and mends by itself what it could not load', async () => {
  await start('offline', 'through a tunnel', [{ tag: '1-a' }])
  const page = await openLive('/jobs')
  await jobRow(page, 'through a tunnel').waitFor()
  const context = page.context()
  await context.setOffline(true)
  await connection(page, 'No connection, trying again')
  await jobRow(page, 'through a tunnel').getByRole('link').click()
  await page.getByRole('alert').getByText('The server does not answer. It is asked again').waitFor()

  await end('offline', '1-a', 'ERROR')
  await context.setOffline(false)
  await connection(page, 'Live')
  await testRow(page, '1-a', 'Error').waitFor(soon)
  await page.getByRole('alert').waitFor({ state: 'detached' })

  // Once more, with a tab that fails to load.
  for (const [tab, there] of [
    ['Tests', '1-a'],
    ['Data', 'No data was stored.'],
    ['Files', 'No files were sent.'],
    ['API', '"through a tunnel"'],
  ] as const) {
    await page.getByLabel('Parts of the job').getByRole('link', { name: 'Activities' }).click()
    await context.setOffline(true)
    await connection(page, 'No connection')
    await page.locator('main').getByRole('link', { name: tab }).first().click()
    const failure = tab === 'API' ? 'This view could not be loaded.' : 'The server does not answer.'
    await page.getByRole('alert').getByText(failure).first().waitFor()
    await context.setOffline(false)
    await page.getByText(there).first().waitFor({ timeout: HEALED_MS })
    await page.getByRole('alert').waitFor({ state: 'detached' })
  }
  await context.setOffline(true)
  await connection(page, 'No connection')
  await page.getByLabel('Breadcrumbs').getByRole('link', { name: 'jobs', exact: true }).click()
  await page.getByRole('alert').getByText('The server does not answer.').waitFor()
  await context.setOffline(false)
  await page.getByText('"count"').waitFor({ timeout: HEALED_MS })
  await expectNotReloaded(page)
  await dashboard.expectComplaints(/net::ERR_/)
})

test('a hidden page lets go of its stream, and catches up when it is shown', async () => {
  await start('hidden', 'seen before', [{ tag: '1-a', status: 'FAIL' }])
  const page = await openLive('/overview')
  // All that the page asks for by itself is there.
  for (const part of ['.tile', '.plot canvas', '.failing li']) await page.locator(part).first().waitFor()
  await jobRow(page, 'seen before').waitFor()
  const stream = /\/events\//
  const closed = page.waitForEvent('requestfailed', (request) => stream.test(request.url()))
  await hide(page, true)
  await closed
  let asked = 0
  page.on('request', () => asked++)
  await start('unseen', 'pushed in the meantime', [])
  // Long enough for a page that still listens to have asked for the new job.
  await page.waitForTimeout(1500)
  expect(asked).toBe(0)

  const reopened = page.waitForRequest(stream)
  await hide(page, false)
  expect(new URL((await reopened).url()).searchParams.get('last_event_id')).toMatch(/^\d+$/)
  await jobRow(page, 'pushed in the meantime').waitFor(soon)
  await connection(page, 'Live')
  await expectNotReloaded(page)
})

/** As the browser does when another tab is chosen, which one without a screen never does. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
}

test('a job that is deleted is gone from the lists, and its pages say so', async () => {
  await start('doomed', 'to be deleted', [{ tag: '1-a', status: 'PASS' }])
  const { body } = await dashboard.client.get('/jobs/doomed/')
  const overview = await openLive('/overview')
  await jobRow(overview, 'to be deleted').waitFor()
  const job = await openLive('/jobs/doomed')
  await testRow(job, '1-a', 'Pass').waitFor()
  const itsTest = await openLive(`/jobs/doomed/tests/${body.tests[0].id}`)
  await itsTest.locator('.view-head .status', { hasText: 'Pass' }).waitFor()

  expect((await dashboard.client.delete('/jobs/doomed/')).status).toBe(204)
  await jobRow(overview, 'to be deleted').waitFor({ state: 'detached', ...soon })
  for (const page of [job, itsTest]) {
    await page
      .getByRole('alert')
      .getByText(/^There is no .* on this server: it may have been deleted/)
      .waitFor(soon)
    expect(await page.locator('main').getByText('1-a').count()).toBe(0)
    expect(await page.getByRole('alert').count()).toBe(1)
  }
  await job.getByRole('link', { name: 'Jobs', exact: true }).click()
  await jobRow(job, 'the run before').waitFor()
  await expectNotReloaded(overview, job, itsTest)
  await dashboard.expectComplaints(/status of 404/)
})
