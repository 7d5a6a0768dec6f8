// What people find out about failures, by keyboard in triage, on the page of a failed test, and in the list.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { signIn, test, withDashboard } from '../support/browser'
import type { Client } from '../support/client'
import { expectReadable } from '../support/look'
import { untilAnalysed } from '../support/settled'

const HOUR = 3_600_000
/** 03:00 of today, or of yesterday where that is still to come. */
const NIGHT = Math.floor((Date.now() - 3 * HOUR) / (24 * HOUR)) * 24 * HOUR + 3 * HOUR
const nights = {
  'migrate.tls;q35': ['PPPPPPPPPPFF', 'Guest vm1 did not boot within 240 seconds'],
  'disk.hotplug;nvme': ['PPPPPPPPPPPF', 'Connection reset by peer 192.0.2.44:5900'],
  'disk.resize;ide': ['PPPPPPPPPPPP', ''],
} as const

async function load({ client }: { client: Client }): Promise<void> {
  for (let night = 0; night < 12; night++) {
    for (const host of ['rack7', 'rack8']) {
      const time = NIGHT - (11 - night) * 24 * HOUR
      const reply = await client.post('/jobs/', {
        ...{ id: `${host}-${night}`, description: 'nightly', status: 'PASS' },
        time: new Date(time).toISOString(),
        labels: { host, branch: 'main' },
        tests: Object.entries(nights).map(([name, [results, fail_reason]], at) => ({
          tag: `${at + 1}-${name}`,
          status: results[night] === 'F' ? 'FAIL' : 'PASS',
          started: new Date(time + at * 60_000).toISOString(),
          ...(results[night] === 'F' && { fail_reason }),
        })),
      })
      expect(reply.status).toBe(201)
    }
  }
  await untilAnalysed(client)
}

const dashboard = withDashboard(load)
const triage = `/?since=${new Date(NIGHT - 30 * HOUR).toISOString()}`
const lineOf = (page: Page, text: string) => page.locator('.cause', { hasText: text })
const open = async (path: string) => {
  const page = await dashboard.open('/', { colorScheme: 'light', reducedMotion: 'reduce' })
  await signIn(page)
  await page.goto(`${dashboard.origin}/dashboard${path}`)
  return page
}

test('without the right to write there are no buttons', async () => {
  const page = await dashboard.open(triage, { reducedMotion: 'reduce' })
  const line = lineOf(page, 'did not boot')
  await line.waitFor()
  await line.locator('.cause-toggle').focus()
  await page.keyboard.press('o')
  await line.locator('.inset').waitFor()
  expect(await line.getByRole('button', { name: /Claim|Comment|Known issue/ }).count()).toBe(0)
  await page.keyboard.press('c')
  await page.keyboard.press('i')
  expect(await line.locator('form').count()).toBe(0)
})

test('by keyboard: claim and take it back, comment, and make it a known issue', async () => {
  const page = await open(triage)
  const line = lineOf(page, 'did not boot')
  await line.waitFor()
  await line.locator('.cause-toggle').focus()
  await page.keyboard.press('c')
  await line.getByText('looks into it').first().waitFor()
  await page.keyboard.press('u')
  await line.getByText('looks into it').first().waitFor({ state: 'detached' })
  await page.keyboard.press('c')
  await line.getByText('looks into it').first().waitFor()
  await page.keyboard.press('m')
  await page.getByRole('textbox', { name: 'Comment' }).waitFor()
  await page.keyboard.type('See https://bugs.example/7 first.')
  await page.keyboard.press('Tab') // Cancel
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await line.getByRole('link', { name: 'https://bugs.example/7' }).waitFor()
  await line.getByText('· 1 comment').waitFor()
  await page.keyboard.press('i')
  await page.getByLabel('Link to the report').waitFor()
  await page.keyboard.type('https://bugs.example/7')
  await page.keyboard.press('Tab')
  await page.keyboard.type('TLS migration hangs')
  expect(await page.getByLabel('Fail reason').inputValue()).toBe('Guest <*> did not boot within <*> seconds')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectReadable(page, `known-issue-form-${colorScheme}`)
  }
  await page.keyboard.press('Enter')
  const explained = page.getByRole('region', { name: /^Explained/ }).locator('.cause')
  await explained.getByText('TLS migration hangs').first().waitFor()
  expect(await explained.locator('.cause-state').first().textContent()).toBe('Known issue')
})

test('another page is told of a claim while it is open', async () => {
  const [one, other] = [await open(triage), await dashboard.open(triage, { reducedMotion: 'reduce' })]
  await lineOf(other, 'Connection reset').waitFor()
  const line = lineOf(one, 'Connection reset')
  await line.locator('.cause-toggle').focus()
  await one.keyboard.press('c')
  await lineOf(other, 'Connection reset').getByText('looks into it').waitFor()
})

test('a failed test shows the known issue, its comments, and who looks into it', async () => {
  const page = await open('/jobs/rack7-11/tests/1-migrate.tls%3Bq35')
  await page.getByRole('link', { name: 'TLS migration hangs' }).waitFor()
  await page.getByRole('button', { name: 'Claim: the failure of migrate.tls;q35' }).click()
  await page.getByText('looks into it').waitFor()
  await page.getByRole('button', { name: 'Comment', exact: true }).click()
  await page.getByRole('textbox', { name: 'Comment' }).fill('It is the network.')
  await page.getByRole('button', { name: 'Comment', exact: true }).last().click()
  await page.getByText('It is the network.').waitFor()
  await page.getByRole('button', { name: 'Edit' }).first().click()
  await page.getByRole('textbox', { name: 'Comment' }).fill('It is the disk.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('It is the disk.').waitFor()
})

test('a comparison and the list of reasons show it', async () => {
  const page = await open('/compare?job=rack7-11&base=rack7-9&class=known_issue')
  await page.getByRole('link', { name: 'TLS migration hangs' }).waitFor()
  await expectReadable(page, 'known-compare')
  await page.goto(`${dashboard.origin}/dashboard/reasons`)
  await page.getByText('known issue: TLS migration hangs').waitFor()
  await expectReadable(page, 'known-reasons')
})

test('the list: filtered, with a page for each, which is changed and deleted', async () => {
  const page = await open('/known-issues')
  await page.getByRole('link', { name: 'TLS migration hangs' }).waitFor()
  await page.getByRole('button', { name: 'Add a known issue' }).click()
  await page.getByRole('button', { name: 'Add the known issue' }).click()
  await page.getByText('Give the link of a report, or a report_subject: what is known?').waitFor()
  await page.getByLabel('What it is about, in a line').fill('Resets')
  await page.getByLabel('Pattern').fill('reset by (peer')
  await page.getByRole('button', { name: 'Add the known issue' }).click()
  await page.getByText('missing closing )').waitFor()
  await page.getByLabel('Pattern').fill('reset by peer')
  await page.getByRole('button', { name: 'Add the known issue' }).click()
  await dashboard.expectComplaints(/status of 400/, 2)
  await page.getByRole('link', { name: 'Resets' }).click()
  await page.getByRole('link', { name: '2-disk.hotplug;nvme' }).first().waitFor()
  await page.getByRole('button', { name: 'Change' }).click()
  await page.getByLabel('What it is about, in a line').fill('Resets of VNC')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Resets of VNC' }).waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByRole('link', { name: 'TLS migration hangs' }).waitFor()
  expect(await page.getByRole('link', { name: 'Resets of VNC' }).count()).toBe(0)
})

test.each([
  ['known-issues', '/known-issues'],
  ['known-issue', '/known-issues/1'],
  ['known-triage', triage],
  ['known-failure', '/jobs/rack7-11/tests/1-migrate.tls%3Bq35'],
])('%s: seen in four widths, light and dark, and axe finds nothing', async (name, path) => {
  const page = await open(path)
  await page.getByText('TLS migration hangs').first().waitFor()
  if (name === 'known-triage') {
    await lineOf(page, 'TLS migration hangs').locator('.cause-toggle').click()
    await page.locator('.inset').waitFor()
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expectReadable(page, `${name}-${colorScheme}`)
  }
})
