// A test over all jobs, a failed test of a job, and tests by hosts: since when, where, how often, how long.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { test, waitUntil, withDashboard } from '../support/browser'
import { expectReadable } from '../support/look'
import { untilAnalysed } from '../support/settled'

const DAY_MS = 86_400_000
const REASON = 'Migration failed: guest vm1 terminated by signal 6'

/** One job a night on each of three hosts for 20 nights; rack7 breaks 4 nights ago with an update, rack8 has one flake. */
const dashboard = withDashboard(async ({ client }) => {
  const environments: number[] = []
  for (const version of ['9.2.0', '9.2.1']) {
    const { headers } = await client.post('/testenvironments/', {
      distro: { name: 'fedora', version: '43', release: '0', arch: 'x86_64' },
      installed_software_components: [
        { name: 'qemu-kvm', version, release: '3', checksum: '', kind: 'rpm', arch: 'x86_64' },
      ],
    })
    environments.push(Number(new URL(headers.get('location') ?? '').pathname.split('/').at(-2)))
  }
  for (let night = 0; night < 20; night++) {
    for (const [index, host] of ['rack7', 'rack8', 'rack9'].entries()) {
      const time = new Date(Date.now() - (20 - night) * DAY_MS + (index + 1) * 600_000).toISOString()
      const isBad = host === 'rack7' ? night >= 16 : host === 'rack8' && night === 8
      const environment = environments[host === 'rack7' && night >= 16 ? 1 : 0]
      const reply = await client.post('/jobs/', {
        id: `${host}-${night}`,
        description: 'nightly',
        time,
        status: isBad ? 'FAIL' : 'PASS',
        labels: { host, branch: 'main' },
        tests: ['migrate.tcp', 'boot'].map((name, at) => ({
          tag: `${at + 1}-${name}`,
          started: time,
          elapsed_time: 10 + night / 10,
          environment,
          ...(isBad && at === 0 ? { status: 'FAIL', fail_reason: REASON } : { status: 'PASS' }),
        })),
      })
      if (reply.status !== 201) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`)
    }
  }
  const reply = await client.post('/jobs/', {
    id: 'comma',
    time: new Date(Date.now() - 10 * DAY_MS).toISOString(),
    labels: { host: 'rack,10' },
    tests: [{ tag: '1-alone', status: 'PASS' }],
  })
  if (reply.status !== 201) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`)
  await untilAnalysed(client)
})

const openTest = async (query = '') => {
  const page = await dashboard.open(`/testcase?name=migrate.tcp${query}`, { reducedMotion: 'reduce' })
  await page
    .locator(query.includes('table') ? '.run-table tbody tr' : '.run')
    .first()
    .waitFor()
  return page
}
const strip = (page: Page, host: string) => page.locator('.strip', { hasText: host })

test('a strip for each host: those that fail first, flakes hollow, the state in words', async () => {
  const page = await openTest()
  await page.getByText('Fails on rack7 of 3 hosts since').waitFor()
  const states = () => page.locator('.strip:not(.strip-axis) .strip-state').allTextContents()
  expect((await states()).map((text) => text.replace(/since .*/, 'since'))).toEqual([
    'Fails since',
    'Passes',
    'Passes, 1 flake',
  ])
  expect(await strip(page, 'rack7').locator('.run-fail').count()).toBe(4)
  expect(await strip(page, 'rack7').locator('.tick').count()).toBe(1)
  expect(await strip(page, 'rack7').locator('.strip-since').count()).toBe(1)
  expect(await strip(page, 'rack8').locator('.run-flake').count()).toBe(1)
  await page.getByText('qemu-kvm 9.2.0-3 → 9.2.1-3').first().waitFor()
})

test('a strip is walked through by keys: the box says what is known of a run, Enter opens it', async () => {
  const page = await openTest()
  const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? ""')
  const newest = strip(page, 'rack7').locator('a.run').last()
  expect(await newest.getAttribute('tabindex')).toBe('0')
  expect(await page.locator('a.run[tabindex="0"]').count()).toBe(1)
  await newest.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('t')
  expect(await focused()).toMatch(/: Fail, after 1 change of the environment$/)
  await page.getByRole('tooltip').getByText('qemu-kvm 9.2.0-3 → 9.2.1-3').waitFor()
  await page.keyboard.press('Escape')
  await waitUntil('the box is closed', async () => (await page.getByRole('tooltip').count()) === 0)
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toMatch(/: Pass$/)
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/jobs\/rack7-16\/tests\/\d+$/)
})

test('the host and the view are in the address; the table has the numbers of the plot', async () => {
  const page = await openTest()
  await page.getByLabel('Host', { exact: true }).selectOption('rack8')
  await waitUntil(
    'one strip is left',
    async () => (await page.locator('.strip:not(.strip-axis)').count()) === 1,
  )
  expect(new URL(page.url()).searchParams.get('host')).toBe('rack8')
  expect(await page.getByLabel('Host', { exact: true }).locator('option').count()).toBe(4)
  await page.getByRole('link', { name: 'As a table', exact: true }).click()
  await page.locator('.run-table tbody tr').first().waitFor()
  expect(await page.locator('.run-table tbody tr').count()).toBe(20)
  expect(new URL(page.url()).searchParams.get('view')).toBe('table')
  const plot = (await openTest()).getByRole('slider')
  await plot.focus()
  await plot.press('ArrowLeft')
  expect(await plot.getAttribute('aria-valuetext')).toMatch(/, rack[89], main: 11\.\d s$/)
})

test('a regression that began on another branch of a host begins on this branch where it first failed', async () => {
  const { client } = dashboard
  const results = { main: 'PPPPPPPPPPFFFPFFFFFF', stable: 'PPPPPPPPPP..FPPPPPPF' }
  for (const [branch, text] of Object.entries(results)) {
    for (const [night, letter] of [...text].entries()) {
      if (letter === '.') continue
      const started = new Date(Date.now() - (20 - night) * DAY_MS).toISOString()
      const outcome = letter === 'P' ? { status: 'PASS' } : { status: 'FAIL', fail_reason: 'No disk' }
      const reply = await client.post('/jobs/', {
        ...{ id: `two-${branch}-${night}`, time: started, labels: { host: 'rack11', branch } },
        tests: [{ tag: '1-branches', started, ...outcome }],
      })
      expect(reply.status).toBe(201)
    }
  }
  await untilAnalysed(client)
  const page = await dashboard.open('/testcase?name=branches', { reducedMotion: 'reduce' })
  const since = (branch: string) => strip(page, branch).locator('.strip-state a')
  await since('stable').waitFor()
  expect(await since('stable').getAttribute('href')).toMatch(/\/jobs\/two-stable-12\/tests\/\d+$/)
  expect(await since('main').getAttribute('href')).toMatch(/\/jobs\/two-main-10\/tests\/\d+$/)
  for (const branch of Object.keys(results)) {
    for (let night = 0; night < 20; night++) await client.delete(`/jobs/two-${branch}-${night}/`)
  }
})

test('a host whose name has a comma is one host', async () => {
  const page = await dashboard.open('/testcase?name=alone')
  await page.locator('.run').first().waitFor()
  await page.getByLabel('Host', { exact: true }).selectOption({ index: 1 })
  await page.waitForURL((url) => url.searchParams.get('host') === 'rack\\,10')
  await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
  expect(await page.locator('a.run').count()).toBe(1)
})

test('a failed test says in a sentence since when it fails; each part is a link', async () => {
  const page = await dashboard.open('/jobs/rack7-18/tests/1-migrate.tcp', { reducedMotion: 'reduce' })
  const sentence = page.locator('.sentence')
  await sentence.waitFor()
  expect(await sentence.textContent()).toMatch(
    /^Fails on rack7 since job \d+ \(.+, 4 of 4 runs; passed 16 times before\); not flaky\.$/,
  )
  expect(await page.locator('.verdict a.run[aria-current="true"]').count()).toBe(1)
  await sentence.getByRole('link', { name: /^job/ }).click()
  await page.waitForURL(/\/jobs\/rack7-16\/tests\/\d+$/)
  await page.getByRole('link', { name: 'Compare with the last good job' }).click()
  await page.waitForURL(/\/compare\?job=rack7-16&base=rack7-15$/)
  const flake = await dashboard.open('/jobs/rack8-8/tests/1-migrate.tcp')
  await flake.getByText('A flake: it failed once on').waitFor()
})

test('tests by hosts: what fails comes first, a cell leads to its newest run', async () => {
  const page = await dashboard.open('/matrix', { reducedMotion: 'reduce' })
  await page.getByRole('heading', { name: '2 tests on 3 hosts: 1 fails somewhere' }).waitFor()
  expect(await page.locator('.matrix tbody th[scope=row]').allTextContents()).toEqual(['migrate.tcp', 'boot'])
  expect(await page.locator('.matrix .ratio').allTextContents()).toEqual(['4/7'])
  await page.getByRole('link', { name: 'By job' }).click()
  await waitUntil('a column a job', async () => (await page.locator('.matrix thead th').count()) > 10)
  await page.getByRole('link', { name: 'By host' }).click()
  await page.locator('.matrix .cell-fail').click()
  await page.waitForURL(/\/jobs\/rack7-19\/tests\/\d+$/)
})

test('nothing is there: said in a sentence', async () => {
  const unknown = await dashboard.open('/testcase?name=nothing')
  await unknown.getByText('No test is called nothing on this server').waitFor()
  await dashboard.expectComplaints(/404/)
  const none = await dashboard.open('/testcase?name=boot&host=rack99')
  await none.getByText('No run is like this').waitFor()
  const matrix = await dashboard.open('/matrix?tests=nothing')
  await matrix.getByText('No test of these jobs is like this').waitFor()
  const unnamed = await dashboard.open('/testcase')
  await unnamed.getByText('The address names no test').waitFor()
})

test.each([
  ['testcase', '/testcase?name=migrate.tcp', '.run'],
  ['testcase-table', '/testcase?name=migrate.tcp&view=table', '.run-table tbody tr'],
  ['failed-test', '/jobs/rack7-18/tests/1-migrate.tcp', '.verdict .run'],
  ['matrix', '/matrix', '.matrix .cell'],
])('%s: readable in every width and colour', async (name, path, shown) => {
  const page = await dashboard.open(path, { colorScheme: 'light', reducedMotion: 'reduce' })
  await page.locator(shown).first().waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectReadable(page, `${name}-${colorScheme}`)
  }
})
