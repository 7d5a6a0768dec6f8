// What is shown together belongs together: while an answer is on its way, the page shows the one before, whole, or none
// at all. Each answer is held back here, and every state that the page goes through is looked at.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { makeJobs, signIn, test, withSamples } from '../support/browser'

const SAMPLE = 'aa0d4a7'
const PEOPLE = 51

const dashboard = withSamples(async (started) => {
  await makeJobs(started, 60)
  const { client } = started
  for (let index = 0; index < PEOPLE; index++) {
    const reply = await client.post('/users/', { username: `person-${String(index).padStart(2, '0')}` })
    if (reply.status !== 201) throw new Error(`users: ${reply.status} ${JSON.stringify(reply.body)}`)
    const token = await client.post('/users/1/tokens/', { label: `token ${index}`, role: 'reader' })
    if (token.status !== 201) throw new Error(`tokens: ${token.status} ${JSON.stringify(token.body)}`)
  }
})

interface Case {
  path: string
  signedIn?: boolean
  /** The questions of which the answers are held back. */
  asked: RegExp
  /** Of what belongs together: all of it is read at once. */
  parts: string
  change: (page: Page) => Promise<unknown>
  /** What is there once all is there. */
  ready?: string
}

const choose = (group: string, name: string | RegExp) => (page: Page) =>
  page
    .getByRole('group', { name: group, exact: true })
    .or(page.getByRole('navigation', { name: group, exact: true }))
    .getByRole('link', { name, exact: true })
    .click()
const sortBy = (name: string) => (page: Page) =>
  page.getByRole('columnheader', { name, exact: true }).getByRole('link').click()
const goTo = (name: string) => (page: Page) => page.getByRole('link', { name, exact: true }).click()

const CHART = { path: '/overview', asked: /\/statistics\/history\//, parts: 'figure' }
const JOBS = { asked: /\/jobs\/\?/, parts: '.view-head, section[aria-label=Jobs]' }
const TESTS = { path: `/jobs/${SAMPLE}`, asked: /\/tests\/\?/, parts: 'table.tests, .notice' }

const cases: Record<string, Case> = {
  'chart: from days to hours': { ...CHART, change: choose('Range', '7 days') },
  'chart: from days to weeks': { ...CHART, change: choose('Range', 'Year') },
  'chart: from hours to days': { ...CHART, path: '/overview?range=24h', change: choose('Range', '30 days') },
  'jobs: a status': { ...JOBS, path: '/jobs', change: choose('Status', 'Fail') },
  'jobs: another order': { ...JOBS, path: '/jobs', change: sortBy('Duration') },
  'jobs: the other direction': { ...JOBS, path: '/jobs', change: sortBy('Time') },
  'jobs: the next page': { ...JOBS, path: '/jobs', change: goTo('Next page') },
  'jobs: from page 2 to a search': {
    ...JOBS,
    path: '/jobs?page=2',
    change: (page) => page.getByLabel('Description, id or number').fill('qemu'),
  },
  'jobs: to a search without results': {
    ...JOBS,
    path: '/jobs',
    change: (page) => page.getByLabel('Description, id or number').fill('nothing-is-like-this'),
  },
  'jobs: from a search without results': {
    ...JOBS,
    path: '/jobs?search=nothing-is-like-this',
    change: goTo('Show all jobs'),
  },
  'jobs: from a page that is not there': { ...JOBS, path: '/jobs?page=999', change: goTo('Show page 1') },
  'tests: an outcome': { ...TESTS, change: choose('Outcome', /^Warn /) },
  'tests: another order': { ...TESTS, change: sortBy('Test') },
  'tests: a search without results': {
    ...TESTS,
    change: (page) => page.getByLabel('Name, variant or number').fill('nothing-is-like-this'),
  },
  'tests: from a search without results': {
    ...TESTS,
    path: `/jobs/${SAMPLE}?search=nothing-is-like-this`,
    change: (page) => page.getByLabel('Name, variant or number').fill(''),
  },
  'users: the next page': {
    path: '/users',
    signedIn: true,
    asked: /\/users\/\?/,
    parts: 'table, .pager',
    change: goTo('Next page'),
  },
  'tokens: the next page': {
    path: '/account',
    signedIn: true,
    asked: /\/tokens\/\?/,
    parts: 'table, .pager',
    change: goTo('Next page'),
  },
  'audit log: an action': {
    path: '/audit',
    signedIn: true,
    asked: /\/audit\/\?/,
    parts: '.view-head, section[aria-label="Audit log"]',
    change: (page) => page.getByLabel('Action').selectOption('user-added'),
  },
  'API: another address': {
    path: '/api/jobs/summary/',
    asked: /\/teststatuses\//,
    parts: '.crumbs, h1, h1 ~ p, .api-column',
    ready: 'Count all jobs by outcome',
    change: (page) =>
      page
        .getByLabel('Address')
        .fill('/teststatuses/')
        .then(() => page.keyboard.press('Enter')),
  },
  'API: an address that is not there': {
    path: '/api/jobs/summary/',
    asked: /\/jobs\/nothing\//,
    parts: '.crumbs, h1, h1 ~ p, .api-column',
    ready: 'Count all jobs by outcome',
    change: (page) =>
      page
        .getByLabel('Address')
        .fill('/jobs/nothing/')
        .then(() => page.keyboard.press('Enter')),
  },
}

/** What stands in the parts, but for "3 min. ago", which changes by itself, and the milliseconds of an answer. */
const textOf = (
  parts: string,
) => `(() => [...document.querySelectorAll(${JSON.stringify(parts)})].map((part) => {
  const copy = part.cloneNode(true)
  for (const time of copy.querySelectorAll('time')) time.remove()
  for (const image of copy.querySelectorAll('[role=img], [role=slider]')) image.append(image.ariaLabel)
  for (const head of copy.querySelectorAll('[aria-sort]')) head.append(head.ariaSort)
  return copy.textContent.replace(/\\d+ ms$/m, '')
}).join('\\n'))()`

const isBusy = (page: Page, busy: boolean) =>
  page
    .locator('main [aria-busy=true]')
    .first()
    .waitFor({ state: busy ? 'attached' : 'detached' })

test.each(Object.keys(cases))('%s: no state mixes two answers', async (name) => {
  const { path, signedIn, asked, parts, change, ready } = cases[name] as Case
  const page = await dashboard.open(signedIn ? '/jobs' : path)
  if (signedIn) {
    await signIn(page)
    await page.goto(`${dashboard.origin}/dashboard${path}`)
  }
  await page
    .locator(parts.split(',')[0] as string)
    .first()
    .waitFor()
  await isBusy(page, false)
  if (ready) await page.getByRole('heading', { name: ready }).waitFor()
  const text = textOf(parts)
  const before = await page.evaluate(text)
  // Where nothing is shown nothing is mixed.
  await page.evaluate(`
    window.states = new Set()
    new MutationObserver(() => document.querySelector('main .loading') || states.add(${text}))
      .observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })`)

  const held = Promise.withResolvers<void>()
  await page.route(
    (url) => asked.test(url.pathname + url.search),
    async (route) => {
      await held.promise
      await route.continue().catch(() => {}) // taken back by the page
    },
  )
  await change(page)
  await isBusy(page, true)
  if ((await page.locator('main .loading').count()) === 0) expect(await page.evaluate(text)).toBe(before)
  held.resolve()
  await isBusy(page, false)
  const after = await page.evaluate(text)
  expect(after).not.toBe(before)
  const states = (await page.evaluate('[...states]')) as unknown[]
  expect(states.filter((state) => state !== before && state !== after)).toEqual([])
  if (path.includes('page=999') || name.endsWith('not there'))
    await dashboard.expectComplaints(/status of 404/)
})

test('of three questions in a row, the answer to the last one stays, however late the others come', async () => {
  const page = await dashboard.open('/jobs')
  await page.locator('table.jobs tbody tr').first().waitFor()
  const held = Promise.withResolvers<void>()
  await page.route(/\/jobs\/\?.*status=FAIL(&|$)/, async (route) => {
    await held.promise
    await route.continue().catch(() => {})
  })
  await choose('Status', 'Fail')(page)
  await isBusy(page, true)
  await choose('Status', 'Error')(page)
  await page.waitForURL('**status=FAIL%2CERROR')
  await choose('Status', 'Fail')(page)
  await page.waitForURL('**status=ERROR')
  held.resolve()
  await isBusy(page, false)
  const { body } = await dashboard.client.get('/jobs/?status=ERROR&omit=tests,activities')
  await page.locator('.pager', { hasText: `of ${body.count}` }).waitFor()
  const statuses = await page.locator('table.jobs tbody .status').allTextContents()
  expect([...new Set(statuses)]).toEqual(['Error'])
})
