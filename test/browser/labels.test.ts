// Where jobs ran: shown wherever a job is, and found by links and choices. Pictures of it are in dist/screenshots.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { test, waitUntil, withDashboard } from '../support/browser'
import { expectReadable } from '../support/look'

const HOUR_MS = 3_600_000
const hosts = ['kvm-amd-01', 'kvm-amd-02', 'kvm-arm-01', 'a-machine-with-a-very-long-name.lab.example.org']

const dashboard = withDashboard(async ({ client }) => {
  for (let index = 0; index < 24; index++) {
    const labels = {
      host: hosts[index % hosts.length],
      branch: index % 3 === 0 ? 'next' : 'main',
      plan: 'nightly',
      ...(index === 0 && { tag: ['a,b', 'c'] }),
    }
    const reply = await client.post('/jobs/', {
      id: `job-${index}`,
      description: index % 2 === 0 ? `nightly kvm ${index}` : null,
      time: new Date(Date.now() - index * HOUR_MS).toISOString(),
      elapsed_time: 1800,
      ...(index !== 5 && { labels }),
      tests: [
        { tag: '1-boot.py:Boot.test', status: 'PASS', elapsed_time: 1.5 },
        { tag: '2-run.py:Run.test', status: index % 5 === 0 ? 'FAIL' : 'PASS', elapsed_time: 2 },
      ],
    })
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
  }
})

const rows = (page: Page) => page.locator('table.jobs tbody tr')
const places = (page: Page) => page.locator('table.jobs td.col-place').allTextContents()
const openJobs = async (query = '') => {
  const page = await dashboard.open(`/jobs${query}`)
  await rows(page).first().waitFor()
  return page
}

test('each job in a list has its host and branch, which lead to the jobs there', async () => {
  const page = await openJobs()
  expect((await places(page)).slice(0, 2)).toEqual(['kvm-amd-01 · next', 'kvm-amd-02 · main'])
  expect((await places(page))[5]).toBe('')
  await rows(page).nth(1).getByRole('link', { name: 'kvm-amd-02' }).click()
  await waitUntil('only jobs of this host are listed', async () => (await rows(page).count()) === 5)
  expect(new URL(page.url()).search).toBe('?label=host%3Akvm-amd-02')
  expect(await page.getByLabel('Host', { exact: true }).inputValue()).toBe('host:kvm-amd-02')
  await rows(page).first().getByRole('link', { name: 'main' }).click()
  await waitUntil('the link replaces the filter', async () => (await rows(page).count()) === 15)
})

test('host and branch are chosen, together, and each filter is removed by itself', async () => {
  const page = await openJobs()
  await page.getByLabel('Host', { exact: true }).selectOption('kvm-amd-01')
  await waitUntil('6 jobs', async () => (await rows(page).count()) === 6)
  await page.getByLabel('Branch', { exact: true }).selectOption('next')
  await waitUntil('2 jobs', async () => (await rows(page).count()) === 2)
  expect(new URL(page.url()).searchParams.getAll('label')).toEqual(['host:kvm-amd-01', 'branch:next'])
  await page.getByRole('link', { name: 'Without the filter host: kvm-amd-01' }).click()
  await waitUntil('8 jobs', async () => (await rows(page).count()) === 8)
  await page.getByLabel('Branch', { exact: true }).selectOption('Any branch')
  await waitUntil('all jobs', async () => (await rows(page).count()) === 24)
  expect(new URL(page.url()).search).toBe('')
})

test('an address may ask for more than the choices offer, and the page says what', async () => {
  const page = await openJobs('?label=!host:kvm-amd-01,kvm-amd-02&label=!tag:a%5C,b,x&label=!ci&label=plan')
  expect(await rows(page).count()).toBe(12)
  expect(await page.getByRole('list', { name: 'Filters' }).getByRole('listitem').allTextContents()).toEqual([
    'not host: kvm-amd-01, kvm-amd-02',
    'not tag: a,b, x',
    'without ci',
    'with plan',
  ])
  await page.getByRole('link', { name: 'Without the filter without ci' }).click()
  await waitUntil(
    'the others stay',
    async () => new URL(page.url()).searchParams.getAll('label').length === 3,
  )
  await page.goto(`${dashboard.origin}/dashboard/jobs?component=qemu-kvm%3E%3D9.2&environment=7`)
  await page.getByText('No job is like this.').waitFor()
  expect(await page.getByRole('list', { name: 'Filters' }).getByRole('listitem').allTextContents()).toEqual([
    'environment 7',
    'component qemu-kvm >= 9.2',
  ])
  await page.getByRole('link', { name: 'Show all jobs' }).click()
  await waitUntil('all jobs', async () => (await rows(page).count()) === 24)
})

test('a job is named after what it ran and where; its labels are links', async () => {
  const page = await dashboard.open('/jobs/job-0')
  await page.getByRole('heading', { name: 'nightly kvm 0 on kvm-amd-01' }).waitFor()
  await waitUntil('the title says so', async () =>
    (await page.title()).startsWith('nightly kvm 0 on kvm-amd-01'),
  )
  expect(await page.locator('.facts .labels').textContent()).toBe('plan: nightlytag: a,b, c')
  await page.locator('.facts').getByRole('link', { name: 'a,b' }).click()
  await waitUntil('the job is found by a label with a comma', async () => (await rows(page).count()) === 1)
  expect(new URL(page.url()).searchParams.get('label')).toBe('tag:a\\,b')
})

test('a test says where it ran, and so does each of its runs', async () => {
  const page = await dashboard.open('/jobs/job-0/tests/1-boot.py:Boot.test')
  await page.locator('.facts').getByRole('link', { name: 'kvm-amd-01' }).waitFor()
  const newest = page.locator('.history a').last()
  expect(await newest.getAttribute('aria-label')).toMatch(/^Pass, .*, kvm-amd-01$/)
  expect(await page.locator('.crumbs').textContent()).toContain('nightly kvm 0 on kvm-amd-01')
})

test.each(['light', 'dark'] as const)(
  'in %s colours all of it is readable and fits every width',
  async (colorScheme) => {
    for (const [name, path] of [
      ['labels-jobs', '/jobs?label=!branch:next&label=plan:nightly'],
      ['labels-job', '/jobs/job-0'],
      ['labels-overview', '/overview'],
      ['labels-overview-table', '/overview?view=table'],
    ] as const) {
      const page = await dashboard.open(path, { colorScheme })
      await page.locator('tbody tr').first().waitFor()
      await expectReadable(page, `${name}-${colorScheme}`)
    }
  },
)
