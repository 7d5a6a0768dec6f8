// A job of ten thousand tests: found, sorted and walked through as quickly as one of ten.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { type Dashboard, test, waitUntil, withDashboard } from '../support/browser'

const TESTS = 10_000
const JOB = 'big0000'

/** Which tests did not pass: the others did. */
const statuses: Record<string, number[]> = {
  ERROR: [9_999, 17],
  FAIL: [4_000, 25, 8_123],
  WARN: [6_000],
  TEST_NA: Array.from({ length: 40 }, (_, index) => 300 + index),
}
const statusOf = (number: number) =>
  Object.keys(statuses).find((status) => statuses[status]?.includes(number)) ?? 'PASS'

const tagOf = (number: number) =>
  `${String(number).padStart(5, '0')}-io/disk_${number % 10}.py:Disk.test_${number % 2 ? 'read' : 'write'};run-${number}`

/** Seconds, each another: the first test is the longest. */
const durationOf = (number: number) => TESTS - number + 1

const dashboard = withDashboard((started) => importJob(started, JOB))

async function importJob({ client }: Dashboard, id: string): Promise<void> {
  const tests = Array.from({ length: TESTS }, (_, index) => ({
    tag: tagOf(index + 1),
    status: statusOf(index + 1),
    elapsed_time: durationOf(index + 1),
    ...(statusOf(index + 1) === 'FAIL' && { fail_reason: `disk ${index + 1} is full` }),
  }))
  const body = JSON.stringify({ id, description: 'ten thousand', status: 'FAIL', tests })
  const reply = await client.request('POST', '/imports/?format=ndjson', { body })
  if (reply.status !== 201) throw new Error(`imports: ${reply.status} ${JSON.stringify(reply.body)}`)
}

const rows = (page: Page) => page.locator('table.tests tbody tr:not(.space)')
/** The row of a test, which is only there when it is in sight or close to it. */
const row = (page: Page, number: number) =>
  page.locator('tr').filter({ has: page.locator(`td[title="${tagOf(number)}"]`) })
const chosen = (page: Page) => page.locator('tr[aria-selected=true]')
const filter = (page: Page, name: string) => page.getByRole('link', { name, exact: true })
const searchOf = (page: Page) => new URL(page.url()).search

/** The first rows that were loaded, as `ERROR 17`. */
async function firstRows(page: Page, count: number): Promise<string[]> {
  await rows(page)
    .nth(count - 1)
    .locator('a')
    .waitFor()
  const texts = await rows(page).locator('td:nth-child(-n+2)').allTextContents()
  return Array.from({ length: count }, (_, index) => {
    const number = Number.parseInt(texts[2 * index + 1] ?? '', 10)
    return `${texts[2 * index]} ${number}`
  })
}

async function expectFewRows(page: Page): Promise<void> {
  expect(await page.locator('tr').count()).toBeLessThan(200)
}

test('the worst is first, the totals are whole, and few rows are in the document', async () => {
  const page = await dashboard.open(`/jobs/${JOB}`)
  expect(await firstRows(page, 8)).toEqual([
    'Error 17',
    'Error 9999',
    'Fail 25',
    'Fail 4000',
    'Fail 8123',
    'Warn 6000',
    'Skip 300',
    'Skip 301',
  ])
  await page.getByText('disk 8123 is full').waitFor()
  expect(await page.locator('.outcome-counts li').allTextContents()).toEqual([
    ' 2 Error',
    ' 3 Fail',
    ' 1 Warn',
    ' 40 Skip',
    ' 9,954 Pass',
  ])
  await page.getByText('99.9 % of the 9,960 tests that ran; not counted: 40 skipped').waitFor()
  await page.getByRole('link', { name: 'Tests 10,000' }).waitFor()
  expect(await page.locator('table.tests').getAttribute('aria-rowcount')).toBe(`${TESTS + 1}`)
  await expectFewRows(page)
})

test('scrolled to the end, the last rows are there', async () => {
  const page = await dashboard.open(`/jobs/${JOB}?ordering=tag`)
  await row(page, 1).waitFor()
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
  await row(page, TESTS).waitFor()
  expect(await row(page, TESTS).getAttribute('aria-rowindex')).toBe(`${TESTS + 1}`)
  await row(page, TESTS).getByRole('link').click({ trial: true })
  await expectFewRows(page)
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight / 2)')
  await row(page, TESTS / 2).waitFor()
  expect(await row(page, TESTS / 2).isVisible()).toBe(true)
  await expectFewRows(page)
})

test('filtered by outcome and by text', async () => {
  const page = await dashboard.open(`/jobs/${JOB}`)
  await filter(page, 'Fail 3').click()
  await page.waitForURL('**outcome=FAIL')
  await row(page, 17).waitFor({ state: 'detached' })
  expect(await firstRows(page, 3)).toEqual(['Fail 25', 'Fail 4000', 'Fail 8123'])
  expect(await rows(page).count()).toBe(3)

  await page.keyboard.press('/')
  await page.keyboard.type('disk_3')
  await page.waitForURL('**outcome=FAIL&search=disk_3')
  await row(page, 25).waitFor({ state: 'detached' })
  expect(await firstRows(page, 1)).toEqual(['Fail 8123'])
  expect(await rows(page).count()).toBe(1)

  await page.keyboard.type('-none')
  await page.getByText('No test is like this.').waitFor()
  await page.getByLabel('Name, variant or number').fill('run-777')
  await filter(page, 'All 10,000').click()
  await page.waitForURL((url) => url.search === '?search=run-777')
  await rows(page).nth(10).waitFor()
  expect(await firstRows(page, 11)).toEqual(
    [777, 7770, 7771, 7772, 7773, 7774, 7775, 7776, 7777, 7778, 7779].map((number) => `Pass ${number}`),
  )
})

test('sorted by each column, both ways', async () => {
  const page = await dashboard.open(`/jobs/${JOB}`)
  const sorted = async (column: string, ordering: string, first: string[]) => {
    await page.getByRole('columnheader', { name: column }).getByRole('link').click()
    await page.waitForURL(`**?ordering=${ordering}`)
    await row(page, Number(first[0]?.split(' ')[1])).waitFor()
    await page.locator(`tbody tr[aria-rowindex="2"]`, { hasText: `run-${first[0]?.split(' ')[1]}` }).waitFor()
    expect(await firstRows(page, first.length)).toEqual(first)
  }
  await firstRows(page, 1)
  await sorted('Status', '-severity', [`Pass ${TESTS}`, 'Pass 9998'])
  await sorted('Status', 'severity', ['Error 17', 'Error 9999', 'Fail 25'])
  await sorted('Test', 'tag', ['Pass 1', 'Pass 2'])
  await sorted('Test', '-tag', [`Pass ${TESTS}`, 'Error 9999'])
  await sorted('Duration', '-elapsed_time', ['Pass 1', 'Pass 2'])
  await sorted('Duration', 'elapsed_time', [`Pass ${TESTS}`, 'Error 9999'])
})

test('j and k walk past the first screen, Enter opens, and back is the same list', async () => {
  const page = await dashboard.open(`/jobs/${JOB}?outcome=TEST_NA&search=run-3&ordering=tag`)
  await firstRows(page, 20)
  for (let step = 0; step < 32; step++) await page.keyboard.press('j')
  await page.keyboard.press('k')
  await chosen(page).filter({ hasText: 'run-330' }).waitFor()
  expect(await chosen(page).count()).toBe(1)
  const inSight = async () => {
    const box = await chosen(page).boundingBox()
    return box !== null && box.y > 0 && box.y + box.height <= 900
  }
  await waitUntil('the chosen row is in sight', inSight)
  const box = await chosen(page).boundingBox()
  expect(box?.y).toBeGreaterThan(0)
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(900)

  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'io/disk_0.py:Disk.test_write;run-330' }).waitFor()
  await page.goBack()
  await page.waitForURL((url) => url.pathname.endsWith(JOB))
  expect(searchOf(page)).toBe('?outcome=TEST_NA&search=run-3&ordering=tag')
  await row(page, 320).waitFor()
  expect(await page.getByLabel('Name, variant or number').inputValue()).toBe('run-3')
  expect(await page.locator('table.tests').getAttribute('aria-rowcount')).toBe('41')
})

test('while the job receives more tests, the page goes on with what it is told', async () => {
  await importJob(dashboard, 'grows00')
  const { client } = dashboard
  const page = await dashboard.open('/jobs/grows00')
  await filter(page, 'Fail 3').waitFor()
  await page.getByText('Live').waitFor()
  let sent = 0
  let isOver = false
  const sending = (async () => {
    while (!isOver) {
      sent++
      const reply = await client.post('/jobs/grows00/tests/', {
        tag: `new-${sent}.py:New.test`,
        status: 'FAIL',
      })
      if (reply.status !== 200) throw new Error(`tests: ${reply.status}`)
    }
  })()
  try {
    // New tests are counted and listed, and all else goes on meanwhile.
    await page.getByRole('row').filter({ hasText: 'new-1.py' }).waitFor()
    await filter(page, 'Error 2').click()
    await page.waitForURL('**outcome=ERROR')
    await row(page, 25).waitFor({ state: 'detached' })
    await row(page, 9_999).waitFor()
    await page.getByLabel('Name, variant or number').fill('run-17')
    await row(page, 9_999).waitFor({ state: 'detached' })
    await row(page, 17).getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: /run-17$/ }).waitFor()
    await page.goBack()
    await row(page, 17).waitFor()
    await page.getByRole('columnheader', { name: 'Test' }).getByRole('link').click()
    await page.waitForURL('**ordering=tag')
    await row(page, 17).waitFor()
  } finally {
    isOver = true
    await sending
  }
  await filter(page, `Fail ${(3 + sent).toLocaleString('en')}`).waitFor()
  await filter(page, `All ${(TESTS + sent).toLocaleString('en')}`).click()
  await page.getByLabel('Name, variant or number').fill('')
  await row(page, 1).waitFor()
  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
  await page.locator(`tr[aria-rowindex="${TESTS + sent + 1}"] a`).waitFor()
  await expectFewRows(page)
})
