// The first page, as somebody meets it in the morning: 400 jobs of eight hosts, one regression, a night without a
// network. Each question is answered at once, or within two clicks.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { PASSWORD, signIn, test, withDashboard } from '../support/browser'
import { loadMorningLab, makeMorningLab } from '../support/labs/morning'
import { expectReadable } from '../support/look'
import { untilAnalysed } from '../support/settled'

/** 06:00 of today, or of yesterday where that is still to come. */
const END = Math.floor((Date.now() - 6 * 3_600_000) / 86_400_000) * 86_400_000 + 6 * 3_600_000
const REASON = 'Migration failed: guest … terminated by signal 6 (multifd_recv_sync_main)'

const dashboard = withDashboard(async ({ client }) => {
  await loadMorningLab(client, makeMorningLab({ end: END }))
  await untilAnalysed(client)
})

const causes = (page: Page) => page.locator('.cause')
const lineOf = (page: Page, text: string) => page.locator('.cause', { hasText: text })
const group = (page: Page, name: string) => page.getByRole('region', { name })
const open = async (path = '/') => {
  const page = await dashboard.open(path)
  await causes(page).first().waitFor()
  return page
}

/** A page whose clicks are counted. */
async function counting(path = '/') {
  const page = await open(path)
  let clicks = 0
  return {
    page,
    clicks: () => clicks,
    click: async (target: ReturnType<Page['locator']>) => {
      clicks++
      await target.click()
    },
  }
}

test('what broke last night? is it new? since when? on which hosts? are answered without a click', async () => {
  const page = await open()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
    '1 new cause since yesterday 18:00',
  )
  await page.getByText('3 tests on 2 hosts fail for it.').waitFor()
  const line = group(page, 'New').locator('.cause')
  expect(await line.count()).toBe(1)
  expect(await line.locator('.cause-what').textContent()).toBe(REASON)
  expect(await line.locator('.cause-state').textContent()).toBe('New')
  expect(await line.locator('.cause-tests').textContent()).toBe('3 tests')
  expect(await line.locator('.cause-hosts > span').allTextContents()).toEqual(['kvm-amd-01', 'kvm-intel-02'])
  expect(await line.locator('.cause-since').getAttribute('datetime')).toMatch(/T22:00:00Z$/)
})

test('what changed? is a click: the comparison with the night before, packages first', async () => {
  const { page, click, clicks } = await counting()
  await click(lineOf(page, REASON).getByRole('link', { name: /^Compare, what changed/ }))
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.getByText('9.2.0-3.fc41').first().waitFor()
  await page.getByText('6.6.118').first().waitFor()
  const { searchParams } = new URL(page.url())
  expect([searchParams.get('job'), searchParams.get('base')]).toEqual(['kvm-amd-01-049', 'kvm-amd-01-048'])
  expect(clicks()).toBe(1)
})

test('which tests, where do they pass, and what do they say? is a click, the log another', async () => {
  const { page, click, clicks } = await counting()
  const line = lineOf(page, REASON)
  await click(line.getByRole('button'))
  const rows = line.locator('tbody tr')
  await rows.first().waitFor()
  expect(await rows.count()).toBe(3)
  expect(await rows.first().locator('.status').allTextContents()).toEqual(['1 of 1', '1 of 1', 'Pass on 6'])
  await line.locator('.reason-block', { hasText: /guest vm\d+ terminated by signal 6/ }).waitFor()
  expect(new URL(page.url()).searchParams.get('open')).toMatch(/^new-r\d+$/)
  await click(
    rows
      .first()
      .getByRole('link', { name: /^Log of/ })
      .first(),
  )
  await page.waitForURL(/\/jobs\/kvm-amd-01-049\/tests\/\d+$/)
  expect(clicks()).toBe(2)
  await page.goBack()
  await rows.first().waitFor()
})

test('what is not new stands below, in groups, by cause', async () => {
  const page = await open()
  const titles = await page.locator('.causes-groups h2').allTextContents()
  expect(titles).toEqual(['New 1', 'Still failing 1', 'Fixed 1', 'Never passed 1', 'Explained 2'])
  await group(page, 'Still failing').getByText('14 failures in a row').waitFor()
  await group(page, 'Fixed').getByText('Job … did not become ready').waitFor()
  await group(page, 'Explained')
    .getByText(/^Fails in [\d.]+ % of its runs/)
    .first()
    .waitFor()
  await page.getByRole('link', { name: '7 days' }).click()
  await lineOf(page, 'No route to host').getByText('Passed again').waitFor()
  expect(new URL(page.url()).searchParams.get('since')).toBe('week')
})

test('filters by where it ran are in the address', async () => {
  const page = await open()
  await page.getByLabel('Host').selectOption('kvm-amd-02')
  await page.getByRole('heading', { level: 1, name: 'Nothing new since yesterday 18:00' }).waitFor()
  await page.waitForURL(/label=host%3Akvm-amd-02/)
  await page.reload()
  await lineOf(page, 'KVM_SEV_ATTESTATION').waitFor()
  expect(await lineOf(page, REASON).count()).toBe(0)
})

test('by keyboard alone: to the cause, its tests, and away', async () => {
  const page = await open()
  await page.keyboard.press('j')
  expect(await page.evaluate('document.activeElement.className')).toBe('cause-toggle')
  await page.keyboard.press('o')
  await page.locator('.cause-body tbody tr').first().waitFor()
  await page.keyboard.press('j')
  expect(await page.evaluate("document.activeElement.closest('.cause').textContent")).toContain('KVM_SEV')
  await page.keyboard.press('Enter')
  await lineOf(page, 'KVM_SEV').locator('tbody tr').waitFor()
  await page.keyboard.press('k')
  await page.keyboard.press('o')
  await lineOf(page, REASON).locator('.cause-body').waitFor({ state: 'detached' })
  await page.keyboard.press('g')
  await page.keyboard.press('o')
  await page.waitForURL('**/dashboard/overview')
  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.waitForURL('**/dashboard/')
})

test('"Mark as looked at" quiets the page for this browser, and can be undone', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'Mark as looked at' }).click()
  await page.getByRole('heading', { level: 1, name: /^No job since \d\d:\d\d$/ }).waitFor()
  await page.getByRole('link', { name: 'Since I looked' }).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('heading', { level: 1, name: /^1 new cause/ }).waitFor()
})

test('a user has the mark on the server, in every browser', async () => {
  const page = await open()
  await signIn(page)
  await causes(page).first().waitFor()
  await page.getByRole('button', { name: 'Mark as looked at' }).click()
  await page.getByRole('heading', { level: 1, name: /^No job since/ }).waitFor()
  const other = await dashboard.open('/')
  await signIn(other)
  await other.getByRole('heading', { level: 1, name: /^No job since/ }).waitFor()
  expect((await dashboard.client.as('admin', PASSWORD).get('/triage/looked/')).body.looked_at).not.toBeNull()
  await dashboard.client.as('admin', PASSWORD).post('/triage/looked/', { time: null })
})

test('what comes meanwhile moves no line until it is asked for', async () => {
  const page = await open()
  const before = await page.locator('.cause-what').allTextContents()
  const time = new Date(Date.now() - 60_000).toISOString()
  const tests = [{ tag: '1-late.test', status: 'FAIL', fail_reason: 'It is new', started: time }]
  await dashboard.client.post('/jobs/', { id: 'meanwhile', time, labels: { host: 'kvm-arm-01' }, tests })
  await page.getByText(/^1 more job/).waitFor()
  expect(await page.locator('.cause-what').allTextContents()).toEqual(before)
  await page.getByRole('button', { name: 'Show' }).click()
  await lineOf(page, 'It is new').waitFor()
  await dashboard.client.delete('/jobs/meanwhile/')
})

test('where the server does not answer, the page says so, with a button to try again', async () => {
  const page = await dashboard.open('/jobs')
  await page.locator('tbody tr').first().waitFor()
  await page.route('**/triage/?*', (route) => route.abort())
  await page.getByRole('link', { name: 'Triage', exact: true }).click()
  await page.getByRole('alert').getByText('The server does not answer').waitFor()
  await page.unroute('**/triage/?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await lineOf(page, REASON).waitFor()
  await dashboard.expectComplaints(/net::ERR_FAILED/)
})

test.each(['light', 'dark'] as const)(
  'in %s colours all of it is readable and fits every width',
  async (colorScheme) => {
    const page = await dashboard.open('/', { colorScheme })
    await causes(page).first().waitFor()
    await lineOf(page, REASON).getByRole('button').click()
    await page.locator('.cause-body tbody tr').first().waitFor()
    await expectReadable(page, `triage-${colorScheme}`)
  },
)
