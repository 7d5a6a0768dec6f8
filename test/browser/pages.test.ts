// Every page: what a person finds on it, that it can be used by everybody, and how it looks.

import { expect } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expectWithinWidth, makeJobs, signIn, test, uploadSamples, withDashboard } from '../support/browser'

const dashboard = withDashboard(async (started) => {
  await uploadSamples(started)
  await makeJobs(started, 2000)
})

/** Looked at by whoever changes the pages; nothing compares them. */
const screenshots = resolve(import.meta.dir, '../../dist/screenshots')
mkdirSync(screenshots, { recursive: true })

const widths = [1440, 1000, 768, 390]
const themes = ['light', 'dark'] as const

const ALL_STATUSES = 'aa0d4a7'

/** Opens each page, and waits for what it is for. */
const pages: Record<string, { path: string; shown: (page: Page) => ReturnType<Page['getByText']> }> = {
  overview: { path: '/', shown: (page) => page.locator('.failing li').first() },
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
  api: { path: '/api/jobs/', shown: (page) => page.getByText('"count"').first() },
  'sign-in': { path: '/sign-in', shown: (page) => page.getByLabel('Password') },
  'not-found': { path: '/nothing/here', shown: (page) => page.getByText('Nothing is here') },
}

async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const result = (await page.evaluate(
    `axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { "target-size": { enabled: true }, "link-in-text-block": { enabled: true } },
    })`,
  )) as axe.AxeResults
  const violations = result.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ html }) => html)
        .slice(0, 3)
        .join(' | ')}`,
  )
  expect(violations).toEqual([])
}

/** Takes a picture in each width. Nothing may stand out at the side. Leaves the window as narrow as a phone. */
async function look(page: Page, name: string): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
    await expectWithinWidth(page)
    await page.waitForTimeout(150) // for the picture: the chart is drawn anew
    await page.screenshot({ path: join(screenshots, `${name}-${width}.png`) })
  }
}

test.each(Object.keys(pages))(
  '%s: seen in four widths, light and dark, and axe finds nothing',
  async (name) => {
    const { path, shown } = pages[name] as (typeof pages)[string]
    for (const colorScheme of themes) {
      const page = await dashboard.open(path, { colorScheme, reducedMotion: 'reduce' })
      await shown(page).waitFor()
      await expectAccessible(page)
      await look(page, `${name}-${colorScheme}`)
      await expectAccessible(page)
    }
  },
)

test('users and tokens, signed in: seen in four widths, light and dark', async () => {
  for (const colorScheme of themes) {
    const page = await dashboard.open('/', { colorScheme, reducedMotion: 'reduce' })
    await signIn(page)
    await page.getByRole('link', { name: 'Users' }).click()
    await page.getByRole('cell', { name: 'admin', exact: true }).first().waitFor()
    await expectAccessible(page)
    await look(page, `users-${colorScheme}`)
  }
})

test('what broke, and its log, are two clicks from the first page', async () => {
  const page = await dashboard.open('/')
  await page.locator('.failing a', { hasText: 'failtest.py:FailTest.test' }).click()
  await page.getByText('This test is supposed to fail').first().waitFor()
  await page.getByText('Traceback (most recent call last)').first().waitFor()
  expect(new URL(page.url()).pathname).toMatch(/^\/dashboard\/jobs\/[\w-]+\/tests\/\d+$/)
})
