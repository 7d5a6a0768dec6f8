// The pages Flaky and Reasons: what fails by itself, and why tests fail.

import { expect } from 'bun:test'
import { test, withDashboard } from '../support/browser'
import { expectReadable } from '../support/look'
import { untilAnalysed } from '../support/settled'

const DAY_MS = 86_400_000
const LONG = `Command '/usr/bin/qemu-img convert -f qcow2 -O raw' failed.\nstdout: b''\nstderr: b'qemu-img: error while ${'reading a sector of the image, '.repeat(6)}'`

/** One job a night on each of two hosts for 30 nights. `net` is flaky on both, `disk` on rack8; `boot` broke 3 nights ago. */
const dashboard = withDashboard(async ({ client }) => {
  const { headers } = await client.post('/testenvironments/', {
    distro: { name: 'fedora', version: '43', release: '0', arch: 'x86_64' },
    installed_software_components: [],
  })
  const environment = Number(new URL(headers.get('location') ?? '').pathname.split('/').at(-2))
  for (let night = 0; night < 30; night++) {
    for (const [index, host] of ['rack7', 'rack8'].entries()) {
      const time = new Date(Date.now() - (30 - night) * DAY_MS + (index + 1) * 600_000).toISOString()
      const isBad: Record<string, string | undefined> = {
        'virtual_network.ping;nic=virtio_net':
          (night + 3 * index) % 9 === 2 ? `lost ${night} % of the packets` : undefined,
        'disk.convert': host === 'rack8' && night % 14 === 1 ? LONG : undefined,
        boot: night >= 27 ? `Guest vm${night} did not boot within 240 seconds` : undefined,
        sound: undefined,
      }
      const reply = await client.post('/jobs/', {
        ...{ id: `${host}-${night}`, time, status: 'PASS', labels: { host, branch: 'main' } },
        tests: Object.entries(isBad).map(([name, fail_reason], at) => ({
          ...{ tag: `${at + 1}-${name}`, started: time, elapsed_time: 95.5 + night, environment },
          ...(fail_reason ? { status: 'FAIL', fail_reason } : { status: 'PASS' }),
        })),
      })
      if (reply.status !== 201) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`)
    }
  }
  await untilAnalysed(client)
})

test('flaky tests: the rate with its interval, what it costs and where; the order and the filters are in the address', async () => {
  const page = await dashboard.open('/flaky', { reducedMotion: 'reduce' })
  const tests = page.locator('.flaky-table tbody tr')
  await tests.first().waitFor()
  expect(await tests.count()).toBe(2)
  const net = tests.filter({ hasText: 'virtual_network.ping' })
  expect(await net.textContent()).toContain('rack7, rack8')
  expect(await net.textContent()).toMatch(/with 90 % between [\d.]+ % and [\d.]+ %/)
  await page.getByRole('link', { name: 'Lost', exact: true }).click()
  await page.waitForURL(/ordering=-cost_seconds/)
  await page.getByLabel('Words of the name').fill('disk')
  await page.waitForURL(/name=disk/)
  await page.locator('.flaky-table tbody tr', { hasText: 'virtual_network' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'disk.convert' }).click()
  await page.waitForURL(/\/testcase\?.*name=disk\.convert/)
})

test('reasons: a row for each cause, which leads to its jobs and tests', async () => {
  const page = await dashboard.open('/reasons', { reducedMotion: 'reduce' })
  const rows = page.locator('.reasons-table tbody tr')
  await rows.first().waitFor()
  const boot = rows.filter({ hasText: 'did not boot' })
  expect(await boot.textContent()).toContain('1 open regression')
  expect(await boot.getByRole('img').getAttribute('aria-label')).toBe(
    '6 failures on 3 days of 15, 2 on one at most',
  )
  await boot.getByRole('link', { name: '6 jobs' }).click()
  await page.waitForURL(/\/reasons\/\d+$/)
  await page.getByText('6 failures of 1 test on 2 hosts in 6 jobs').waitFor()
  await page.getByRole('link', { name: 'Table' }).click()
  await page.locator('.day-table tbody tr').nth(2).waitFor()
  expect(await page.locator('.day-table tbody tr').count()).toBe(3)
  await page.locator('td', { hasText: 'boot' }).getByRole('link').first().click()
  await page.waitForURL(/\/jobs\/rack\d-29\/tests\/\d+$/)
})

test('the keyboard reaches both pages and their rows; what is not there is said in a sentence', async () => {
  const page = await dashboard.open('/', { reducedMotion: 'reduce' })
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await page.locator('.reasons-table tbody tr').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Jobs with this reason' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('f')
  await page.locator('.flaky-table tbody tr').first().waitFor()
  const none = await dashboard.open('/reasons?search=nothing')
  await none.getByText('No test failed so in this time').waitFor()
  const stable = await dashboard.open('/flaky?name=nothing')
  await stable.getByText('No test like this is flaky').waitFor()
  const gone = await dashboard.open('/reasons/999')
  await gone.getByText('There is no such fail reason').waitFor()
  await dashboard.expectComplaints(/404/)
})

test.each([
  ['flaky', '/flaky?all=true', '.flaky-table tbody tr'],
  ['reasons', '/reasons?days=90', '.reasons-table tbody tr'],
  ['reason', '/reasons/1?days=90&view=table', '.day-table tbody tr'],
])('%s: readable in every width and colour', async (name, path, shown) => {
  const page = await dashboard.open(path, { colorScheme: 'light', reducedMotion: 'reduce' })
  await page.locator(shown).first().waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectReadable(page, `${name}-${colorScheme}`)
  }
})
