// Bad nights: the lines of triage, the verdict on the page of a job, and the list of hosts.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { signIn, test, withDashboard } from '../support/browser'
import type { Client } from '../support/client'
import { expectReadable } from '../support/look'
import { untilAnalysed } from '../support/settled'

const HOUR = 3_600_000
/** 03:00 of today, or of yesterday where that is still to come. */
const NIGHT = Math.floor((Date.now() - 3 * HOUR) / (24 * HOUR)) * 24 * HOUR + 3 * HOUR
const GOOD = 'PPPPPPPPPPPPPPPPPPPPPPPP'
const BAD = 'EEPEEEPEEEEPEEEEPEEEEFEE'
const SICK = 'FPPPPPFPPPPPFPPPPPFPPPPP'
const statuses: Record<string, string> = { P: 'PASS', E: 'ERROR', F: 'FAIL' }

async function load({ client }: { client: Client }): Promise<void> {
  const hosts: Record<string, string[]> = {
    'kvm-amd-01': [...Array(9).fill(GOOD), BAD],
    'kvm-intel-01': [...Array(8).fill(GOOD), BAD, GOOD],
    'kvm-arm-01': Array(10).fill(SICK),
    'kvm-ppc-01': Array(10).fill(GOOD),
  }
  for (const [host, nights] of Object.entries(hosts)) {
    for (const [at, results] of nights.entries()) {
      const time = NIGHT - (nights.length - 1 - at) * 24 * HOUR
      const reply = await client.post('/jobs/', {
        id: `${host}-${at}`,
        description: 'nightly',
        status: 'PASS',
        time: new Date(time).toISOString(),
        labels: { host, branch: 'main' },
        tests: [...results].map((letter, test) => ({
          tag: `${test + 1}-virt.test_${test >> 1};${test % 2 ? 'ide' : 'virtio'}`,
          status: statuses[letter],
          started: new Date(time + test * 60_000).toISOString(),
          ...(letter !== 'P' && { fail_reason: 'ssh: connect to host 192.0.2.44 port 22: No route to host' }),
        })),
      })
      expect(reply.status).toBe(201)
    }
  }
  // Jobs that are over are looked for every few seconds.
  while ((await client.get('/jobs/kvm-intel-01-8/verdict/')).body.verdict !== 'infrastructure')
    await Bun.sleep(50)
  await untilAnalysed(client)
}

const dashboard = withDashboard(load)
const triage = `/?since=${new Date(NIGHT - 30 * HOUR).toISOString()}`
const nights = (page: Page) => page.getByRole('region', { name: /^Infrastructure/ }).locator('.cause')

test('bad nights come before all causes: those that are suspected first', async () => {
  const page = await dashboard.open(triage, { reducedMotion: 'reduce' })
  await nights(page).first().waitFor()
  expect(await nights(page).locator('.cause-state').allTextContents()).toEqual([
    'Infrastructure?',
    'Infrastructure',
  ])
  expect(await nights(page).locator('.cause-what').allTextContents()).toEqual([
    '20 tests failed at once on kvm-amd-01, in job 10',
    '20 tests failed at once on kvm-intel-01, in job 19',
  ])
  expect(await page.locator('section.panel h2').first().textContent()).toContain('Infrastructure')
  await page.getByRole('button', { name: /^Infrastructure\?.*in job 10$/ }).click()
  await page.getByText('No job of this host has run them again yet.').waitFor()
  expect(await page.getByRole('button', { name: /^Infrastructure: / }).count()).toBe(0) // nobody is signed in
})

test('a member says by one click, or by x, that a night is infrastructure, and undoes it', async () => {
  const page = await dashboard.open('/', { reducedMotion: 'reduce' })
  await signIn(page)
  await page.goto(`${dashboard.origin}/dashboard${triage}`)
  await nights(page).first().waitFor()
  const state = () => nights(page).filter({ hasText: 'kvm-amd-01' }).locator('.cause-state')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await state().getByText('Infrastructure', { exact: true }).waitFor()
  await page.keyboard.press('u')
  await state().getByText('Infrastructure?', { exact: true }).waitFor()
  await page.goto(`${dashboard.origin}/dashboard/jobs/kvm-amd-01-9`)
  await page.getByRole('button', { name: 'Not infrastructure: job 10' }).click()
  await page.getByText('admin said so.').waitFor()
  await page.getByRole('button', { name: 'Undo: job 10' }).click()
  await page.getByText('No job of this host has run them again yet.').waitFor()
})

test('the page of hosts says which host is to blame', async () => {
  const page = await dashboard.open('/hosts', { reducedMotion: 'reduce' })
  await page.getByRole('heading', { name: '4 hosts: kvm-arm-01 fails more than the others' }).waitFor()
  const row = page.getByRole('row').filter({ hasText: 'kvm-arm-01' })
  expect(await row.textContent()).toContain('The host')
  await page.getByText('1 bad night left out of the rates.').waitFor()
  await page.getByLabel('Blame').selectOption('noise')
  await page.getByRole('row').filter({ hasText: 'kvm-ppc-01' }).waitFor()
  expect(await page.getByRole('row').filter({ hasText: 'kvm-arm-01' }).count()).toBe(0)
  expect(new URL(page.url()).searchParams.get('blame')).toBe('noise')
})

test.each([
  ['hosts', '/hosts'],
  ['nights', `${triage}&open=night-10`],
  ['bad-job', '/jobs/kvm-intel-01-8'],
  ['bad-run', '/testcase?name=virt.test_0&variant=virtio'],
])('%s: seen in four widths, light and dark, and axe finds nothing', async (name, path) => {
  const page = await dashboard.open('/', { colorScheme: 'light', reducedMotion: 'reduce' })
  await signIn(page)
  await page.goto(`${dashboard.origin}/dashboard${path}`)
  await page.locator('.cause-state, table.hosts, .verdict-line, a.run-bad-night').first().waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectReadable(page, `${name}-${colorScheme}`)
  }
})
