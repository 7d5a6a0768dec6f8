// Every page: what a person finds on it, that it can be used by everybody, and how it looks.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { allViolations } from '../support/accessible'
import { makeJobs, signIn, test, withSamples } from '../support/browser'
import { look, widths } from '../support/look'

const ALL_STATUSES = 'aa0d4a7'

const dashboard = withSamples(async (started) => {
  await makeJobs(started, 2000)
  // The overview tells of what failed in the last seven days, and the sample grows older.
  const time = new Date(Date.now() - 3_600_000).toISOString()
  const { status } = await started.client.patch(`/jobs/${ALL_STATUSES}/tests/2/`, { started: time })
  expect(status).toBe(200)
})

const themes = ['light', 'dark'] as const

/** Opens each page, and waits for what it is for. */
const pages: Record<string, { path: string; shown: (page: Page) => ReturnType<Page['getByText']> }> = {
  overview: { path: '/overview', shown: (page) => page.locator('.failing li').first() },
  jobs: { path: '/jobs', shown: (page) => page.locator('tbody tr').nth(24) },
  'jobs-filtered': {
    path: '/jobs?status=FAIL,ERROR&search=qemu&ordering=-elapsed_time',
    shown: (page) => page.locator('tbody tr').nth(5),
  },
  job: {
    path: `/jobs/${ALL_STATUSES}`,
    shown: (page) => page.getByText('failtest.py:FailTest.test').first(),
  },
  'job-activities': {
    path: '/jobs/7834556?tab=activities',
    shown: (page) => page.getByText('Nothing was reported'),
  },
  'job-environment': {
    path: `/jobs/${ALL_STATUSES}?tab=environment`,
    shown: (page) => page.getByRole('heading', { name: /components/ }),
  },
  'job-files': {
    path: `/jobs/${ALL_STATUSES}?tab=files`,
    shown: (page) => page.getByRole('link', { name: 'jobdata/cmdline', exact: true }),
  },
  'job-data': { path: `/jobs/${ALL_STATUSES}?tab=data`, shown: (page) => page.getByText('meminfo').first() },
  'job-again': {
    path: `/jobs/${ALL_STATUSES}?tab=again`,
    shown: (page) => page.getByText('/opt/avocado/bin/avocado run'),
  },
  test: {
    path: `/jobs/${ALL_STATUSES}/tests/2`,
    shown: (page) => page.getByText('This test is supposed to fail').nth(1),
  },
  'test-activities': {
    path: `/jobs/${ALL_STATUSES}/tests/2?tab=activities`,
    shown: (page) => page.getByText('ENDED'),
  },
  search: { path: '/search?q=fail', shown: (page) => page.locator('.found mark').first() },
  'search-runs': { path: '/search?q=disk+read&tab=runs', shown: (page) => page.locator('.found').nth(24) },
  'search-nothing': { path: '/search?q=nowhere', shown: (page) => page.getByText('No fail reason has') },
  api: { path: '/api/jobs/', shown: (page) => page.getByText('"count"').first() },
  'sign-in': { path: '/sign-in', shown: (page) => page.getByLabel('Password') },
  'not-found': { path: '/nothing/here', shown: (page) => page.getByText('Nothing is here') },
}

test.each(Object.keys(pages))(
  '%s: seen in four widths, light and dark, and axe finds nothing',
  async (name) => {
    const { path, shown } = pages[name] as (typeof pages)[string]
    const page = await dashboard.open(path, { colorScheme: 'light', reducedMotion: 'reduce' })
    await shown(page).waitFor()
    expect(await allViolations(page)).toEqual([])
    await look(page, `${name}-light`)
    expect(await allViolations(page)).toEqual([])
    // And back, in the other colours: one load serves both.
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await allViolations(page)).toEqual([])
    await look(page, `${name}-dark`, { inWidths: widths.toReversed() })
    expect(await allViolations(page)).toEqual([])
  },
)

test('users and tokens, signed in: seen in four widths, light and dark', async () => {
  const page = await dashboard.open('/', { colorScheme: 'light', reducedMotion: 'reduce' })
  await signIn(page)
  await page.getByRole('link', { name: 'Users' }).click()
  await page.getByRole('cell', { name: 'admin', exact: true }).first().waitFor()
  for (const colorScheme of themes) {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme })
    expect(await allViolations(page)).toEqual([])
    await look(page, `users-${colorScheme}`)
  }
})

test('what fails most, and its log, are a click from the overview', async () => {
  const page = await dashboard.open('/overview')
  await page.locator('.failing a', { hasText: 'failtest.py:FailTest.test' }).click()
  await page.getByText('This test is supposed to fail').first().waitFor()
  await page.getByText('Traceback (most recent call last)').first().waitFor()
  expect(new URL(page.url()).pathname).toMatch(/^\/dashboard\/jobs\/[\w-]+\/tests\/\d+$/)
})
