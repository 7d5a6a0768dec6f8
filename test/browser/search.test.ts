// The search: tests, fail reasons and jobs from one field, which every page has.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { seriousViolations } from '../support/accessible'
import { test, withDashboard } from '../support/browser'

const NIGHTS = 40
const REASON = 'Guest vm1 did not boot within 240 seconds'

const dashboard = withDashboard(async ({ client }) => {
  const lines = Array.from({ length: NIGHTS }, (_, night) => ({
    id: `night-${night}`,
    description: `nightly ${night === 3 ? 'reboot' : 'qemu'} ${night}`,
    time: new Date(Date.now() - (night + 1) * 3_600_000).toISOString(),
    labels: { host: `rack${night % 2}`, branch: 'main' },
    tests: [
      { tag: '1-io.boot;disk=ide', status: 'PASS' },
      {
        tag: '2-io.reboot;disk=scsi',
        status: night % 2 ? 'PASS' : 'FAIL',
        ...(night % 2 === 0 && { fail_reason: REASON }),
      },
      ...Array.from({ length: 8 }, (_, test) => ({ tag: `${test + 3}-many.step_${test}`, status: 'PASS' })),
    ],
  }))
  const body = lines.map((line) => JSON.stringify(line)).join('\n')
  const { status } = await client.request('POST', '/imports/?format=ndjson', { body })
  expect(status).toBe(201)
})

const LABEL = 'Search tests, reasons and jobs'
const path = (page: Page) => page.url().replace(/^.*?\/dashboard/, '')
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const hits = (page: Page, name: string) => panel(page, name).locator('.found-link')
const tabCount = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Groups' }).getByRole('link', { name })

test('from any page a key leads to the field, and Enter to what was found in three groups', async () => {
  for (const from of ['/', '/jobs', '/jobs/night-0/tests/2-io.reboot;disk=scsi']) {
    const page = await dashboard.open(from)
    await page.getByLabel(LABEL).waitFor()
    await page.locator('main a').first().waitFor()
    await page.keyboard.press('s')
    await page.keyboard.type('boot')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/dashboard/search?q=boot')
    await hits(page, 'Tests').first().waitFor()
    expect(await hits(page, 'Tests').allTextContents()).toEqual(['io.boot;disk=ide', 'io.reboot;disk=scsi'])
    // The template of the reason, once the background has made it.
    const [reason, ...others] = await hits(page, 'Fail reasons').allTextContents()
    expect([reason?.replace(/vm1|240/g, '…'), others]).toEqual([REASON.replace(/vm1|240/g, '…'), []])
    await panel(page, 'Jobs').getByText('No job has these words').waitFor()
    expect(await tabCount(page, 'Tests').textContent()).toBe('Tests 2')
    expect(await tabCount(page, 'Fail reasons').textContent()).toBe('Fail reasons 1')
    expect(await tabCount(page, 'Jobs').textContent()).toBe('Jobs 0')
  }
})

test('what was found has its words marked, and says how it stands', async () => {
  const page = await dashboard.open('/search?q=BOOT+sec')
  await hits(page, 'Tests').first().waitFor()
  expect(await panel(page, 'Tests').locator('mark').allTextContents()).toEqual(['boot', 'sec'])
  expect(await panel(page, 'Fail reasons').locator('mark').allTextContents()).toEqual(['boot', 'sec'])
  const row = panel(page, 'Tests').locator('.found')
  expect(await row.locator('.found-more').textContent()).toBe(
    `${NIGHTS / 2} of ${NIGHTS} runs failed, the last time with ${REASON}`,
  )
  expect(await row.locator('.found-state').textContent()).toMatch(/^Fail on rack0, main (\d+ min|1 hr)\. ago/)
  expect(await panel(page, 'Fail reasons').locator('.found-more').textContent()).toBe(
    `${NIGHTS / 2} runs in 1 test, the last in io.reboot;disk=scsi`,
  )
})

test('what is typed is searched at once, and the address keeps it', async () => {
  const page = await dashboard.open('/search')
  await page.getByText('The beginning of a word is enough').waitFor()
  await page.getByLabel(LABEL).first().click()
  await page.keyboard.type('nightly reb')
  await page.waitForURL('**q=nightly+reb')
  await hits(page, 'Jobs').first().waitFor()
  expect(await hits(page, 'Jobs').allTextContents()).toEqual(['nightly reboot 3'])
  await page.reload()
  await hits(page, 'Jobs').first().waitFor()
  expect(await page.getByLabel(LABEL).first().inputValue()).toBe('nightly reb')
  await hits(page, 'Jobs').first().click()
  await page.getByRole('heading', { level: 1, name: 'nightly reboot 3' }).waitFor()
  expect(await page.getByLabel(LABEL).inputValue()).toBe('')
  await page.goBack()
  await hits(page, 'Jobs').first().waitFor()
})

test('all of a group are in pages, which the address names', async () => {
  const page = await dashboard.open('/search?q=nightly')
  await panel(page, 'Jobs')
    .getByRole('link', { name: `All ${NIGHTS}` })
    .click()
  await page.waitForURL('**/search?q=nightly&tab=jobs')
  await hits(page, 'Jobs').nth(24).waitFor()
  await page.getByRole('link', { name: 'Next page' }).click()
  await page.waitForURL('**page=2')
  await panel(page, 'Jobs').getByText(`26–${NIGHTS} of ${NIGHTS}`).waitFor()
  await tabCount(page, 'Tests').click()
  await page.waitForURL('**/search?q=nightly&tab=tests')
  await panel(page, 'Tests').getByText('No test has these words').waitFor()
})

test('runs go on to older ones, and back to the newest', async () => {
  const page = await dashboard.open('/search?q=reboot')
  await page.getByRole('link', { name: 'Runs' }).click()
  await hits(page, 'Runs').nth(24).waitFor()
  await page.getByRole('link', { name: 'Older runs' }).click()
  await page.waitForURL('**cursor=**')
  await page.getByRole('link', { name: 'Newest runs' }).waitFor()
  expect(await hits(page, 'Runs').count()).toBe(NIGHTS - 25)
  await page.getByRole('link', { name: 'Newest runs' }).click()
  await page.waitForURL('**/search?q=reboot&tab=runs')
  await hits(page, 'Runs').first().click()
  await page.waitForURL('**/jobs/night-0/tests/**')
})

test('a test leads to its page, and a reason to its runs', async () => {
  const page = await dashboard.open('/search?q=reboot')
  await hits(page, 'Tests').first().waitFor()
  expect(await hits(page, 'Tests').first().getAttribute('href')).toBe(
    '/dashboard/testcase?name=io.reboot&variant=disk%3Dscsi',
  )
  await page.goto(`${dashboard.origin}/dashboard/search?q=vm1`)
  await panel(page, 'Fail reasons')
    .getByRole('link', { name: `${NIGHTS / 2} runs` })
    .click()
  await page.waitForURL('**/search?q=vm1&tab=runs**')
  await hits(page, 'Runs').first().waitFor()
  expect(await hits(page, 'Runs').count()).toBe(NIGHTS / 2)
})

test('j, k and Enter walk through all groups', async () => {
  const page = await dashboard.open('/search?q=reboot')
  await hits(page, 'Jobs').first().waitFor()
  await hits(page, 'Tests').first().waitFor()
  const selected = page.locator('.found[aria-current=true] .found-link')
  const walked: (string | null)[] = []
  for (const key of ['j', 'j', 'k', 'j']) {
    await page.keyboard.press(key)
    walked.push(await selected.textContent())
  }
  expect(walked).toEqual([
    'io.reboot;disk=scsi',
    'nightly reboot 3',
    'io.reboot;disk=scsi',
    'nightly reboot 3',
  ])
  await page.keyboard.press('Enter')
  await page.waitForURL('**/dashboard/jobs/night-3')
})

test('where the bar has no room, a button leads to the page of the search, with a field', async () => {
  const page = await dashboard.open('/jobs')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('link', { name: 'Search', exact: true }).click()
  await page.waitForURL('**/dashboard/search')
  const field = page.locator('main').getByLabel(LABEL)
  await field.fill('reboot')
  await page.waitForURL('**q=reboot')
  await hits(page, 'Tests').first().waitFor()
  expect(await seriousViolations(page)).toEqual([])
  await page.locator('h1').click()
  await page.keyboard.press('/')
  expect(await field.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true)
})

test('what the server refuses is said where it would be', async () => {
  const page = await dashboard.open(`/search?q=${'a+'.repeat(17)}`)
  await panel(page, 'Tests').getByText('At most 16 words are looked for.').waitFor()
  await dashboard.expectComplaints(/400/, 3)
})

test('the page is the same when its address is opened elsewhere', async () => {
  for (const address of [
    '/search?q=boot',
    '/search?q=nightly&tab=jobs&page=2',
    '/search?q=reboot&tab=runs',
  ]) {
    const texts = async () => {
      const page = await dashboard.open(address)
      await page.locator('.found').first().waitFor()
      await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
      expect(path(page)).toBe(address)
      return page.locator('.found-title').allTextContents()
    }
    expect(await texts()).toEqual(await texts())
  }
})
