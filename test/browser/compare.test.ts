// Two jobs compared, as a person does it: from a job, by reason, with what changed on the machine.

import { expect } from 'bun:test'
import { allViolations } from '../support/accessible'
import { test, waitUntil, withDashboard } from '../support/browser'
import { BROKEN_JOB, makeComparedJobs } from '../support/compared-jobs'
import { expectReadable } from '../support/look'

const dashboard = withDashboard(async ({ client }) => {
  await makeComparedJobs(client)
})

const HEADLINE = /^3 tests broke between .* on rack7$/

test('one click from a job or a test: what broke since the job before, by reason, beside what changed', async () => {
  const page = await dashboard.open(`/jobs/${BROKEN_JOB}`)
  await page.getByRole('link', { name: 'Compare', exact: true }).click()
  await page.getByRole('heading', { name: HEADLINE }).waitFor()
  const tests = page.getByRole('region', { name: 'Tests' })
  const broken = tests
    .getByRole('rowgroup')
    .filter({ hasText: 'Migration failed: guest … terminated by signal 6' })
  expect(await broken.getByRole('rowheader').allInnerTexts()).toEqual([
    expect.stringContaining('Regression'),
    'io-github-autotest-qemu.migrate.multifd;q35-qcow2',
    'io-github-autotest-qemu.migrate.tcp;q35-qcow2',
    'io-github-autotest-qemu.migrate.tls;q35-qcow2',
  ])
  const environment = page.getByRole('region', { name: 'Environment' })
  const likely = environment.getByRole('rowgroup').filter({ hasText: 'that rack8 got when it broke, too' })
  expect(await likely.getByRole('rowheader').allInnerTexts()).toEqual([
    '3 packages that rack8 got when it broke, too',
    ...['edk2-ovmf', 'qemu-kvm', 'seabios-bin'],
  ])
  await tests.getByRole('link', { name: 'io-github-autotest-qemu.migrate.tls' }).click()
  await page.getByText('Migration failed: guest avocado-vt-vm1').first().waitFor()
  await page.getByRole('link', { name: 'Compare', exact: true }).click()
  await page.getByRole('heading', { name: HEADLINE }).waitFor()
})

test('the class of the tests, and the file that is open, stand in the address', async () => {
  const page = await dashboard.open(`/compare?job=${BROKEN_JOB}`)
  await page.getByRole('link', { name: 'Still failing 1' }).click()
  await page.getByRole('link', { name: /virtio_console/ }).waitFor()
  expect(await page.getByRole('region', { name: 'Tests' }).getByRole('rowheader').count()).toBe(2)
  await page.getByText(/files of sysinfo differ/).click()
  await page.getByRole('button', { name: 'sysinfo/pre/cmdline' }).click()
  await page.getByText('+root=/dev/vda3 ro mitigations=off').waitFor()
  await page.reload()
  await page.getByText('+root=/dev/vda3 ro mitigations=off').waitFor()
  await page.getByRole('link', { name: /virtio_console/ }).waitFor()
  await page.getByRole('link', { name: '50 unchanged' }).click()
  await page.getByRole('link', { name: /domain_49/ }).waitFor()
  await page.goBack()
  await page.getByRole('link', { name: /virtio_console/ }).waitFor()
})

test('another base is chosen from the last jobs of the host, or by a search; and the two are swapped', async () => {
  const page = await dashboard.open(`/compare?job=${BROKEN_JOB}`)
  await page.getByRole('button', { name: 'Other job…' }).click()
  const others = page.getByRole('region', { name: 'Other jobs' })
  await others.getByRole('heading', { name: 'The last jobs on rack7' }).waitFor()
  await others.getByRole('listitem').nth(3).waitFor()
  expect(await others.getByRole('listitem').count()).toBe(10)
  await others.getByPlaceholder('Search all jobs').fill('rack8-night-6')
  await others.getByRole('heading', { name: 'Jobs like “rack8-night-6”' }).waitFor()
  await others.getByRole('link', { name: /nightly kvm/ }).click()
  await page.getByRole('heading', { name: '3 tests broke between rack8 and rack7' }).waitFor()
  expect(new URL(page.url()).searchParams.get('base')).toBe('rack8-night-6')
  await page.getByRole('link', { name: 'Swap' }).click()
  await page.getByRole('heading', { name: '1 test broke between rack7 and rack8' }).waitFor()
  const jobs = page.getByRole('region', { name: 'The two jobs' })
  expect(await jobs.getByRole('link').allInnerTexts()).toEqual([
    '12 nightly kvm on rack7',
    '19 nightly kvm on rack8',
  ])
})

test('by keyboard alone: rows are walked and opened', async () => {
  const page = await dashboard.open(`/compare?job=${BROKEN_JOB}`)
  await page.getByRole('heading', { name: HEADLINE }).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'io-github-autotest-qemu.migrate.tcp' }).waitFor()
})

test('the row that is walked to is in sight', async () => {
  const page = await dashboard.open(`/compare?job=${BROKEN_JOB}&class=unchanged`)
  await page.getByRole('link', { name: /domain_49/ }).waitFor()
  for (let step = 0; step < 45; step++) await page.keyboard.press('j')
  const selected = page.locator('tr[aria-selected=true]')
  await waitUntil('the selected row is in the window', async () => {
    const box = await selected.boundingBox()
    return box !== null && box.y > 0 && box.y + box.height < 901
  })
})

test('a job that does not exist, none before it, and none at all are told in a sentence', async () => {
  const page = await dashboard.open('/compare?job=gone')
  await page.getByText('There is no job "gone" on this server.').waitFor()
  await dashboard.expectComplaints(/404/)
  await page.goto(`${dashboard.origin}/dashboard/compare?job=rack7-night-0`)
  await page.getByRole('heading', { name: 'No earlier job to compare with' }).waitFor()
  await page.getByText('No job that was over before it began has 80 % of its test cases').waitFor()
  expect(await allViolations(page)).toEqual([])
  await page.goto(`${dashboard.origin}/dashboard/compare`)
  await page.getByRole('heading', { name: 'Compare two jobs' }).waitFor()
})

test('seen in four widths, light and dark, and axe finds nothing', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const path = `/compare?job=${BROKEN_JOB}&file=sysinfo/pre/cmdline${colorScheme === 'dark' ? '&choose=job' : ''}`
    const page = await dashboard.open(path, { colorScheme, reducedMotion: 'reduce' })
    await page.getByText('mitigations=off').first().waitFor()
    await expectReadable(page, `compare-${colorScheme}`)
  }
})
