// The audit log, and what somebody who is no administrator does for himself.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { seriousViolations } from '../support/accessible'
import { expectWithinWidth, PASSWORD, test, withDashboard } from '../support/browser'
import { Client } from '../support/client'

const dashboard = withDashboard(async ({ client }) => {
  await client.post('/users/', { username: 'lab', role: 'reporter', password: 'lab password' })
  await client.post('/jobs/', { id: 'a1' })
  await client.delete('/jobs/a1/')
  await client.as('lab', 'wrong').get('/jobs/')
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })

async function openAs(path: string, username: string, password: string): Promise<Page> {
  const page = await dashboard.open(`/sign-in?to=${encodeURIComponent(`/dashboard${path}`)}`)
  await field(page, 'Username').fill(username)
  await field(page, 'Password').fill(password)
  await button(page, 'Sign in').click()
  await button(page, 'Sign out').waitFor()
  return page
}

async function expectUsable(page: Page, name: string): Promise<void> {
  for (const [width, colorScheme] of [
    [1440, 'light'],
    [1440, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 844 })
    await page.emulateMedia({ colorScheme })
    await expectWithinWidth(page)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(await seriousViolations(page)).toEqual([])
    await page.screenshot({ path: `dist/screenshots/${name}-${width}-${colorScheme}.png`, fullPage: true })
  }
  await page.setViewportSize({ width: 1440, height: 844 })
}

test('an administrator reads who did what, narrowed by action, by user and by address', async () => {
  const page = await openAs('/', 'admin', PASSWORD)
  await page.getByRole('link', { name: 'Audit' }).click()
  await page
    .getByRole('row', { name: /admin Signed in user admin 127\.0\.0\.1/ })
    .first()
    .waitFor()
  await page.getByRole('row', { name: /admin Deleted job a1 number 1, 0 tests/ }).waitFor()
  await page.getByRole('row', { name: /nobody Sign-in refused user lab/ }).waitFor()
  await expectUsable(page, 'audit')

  await page.getByLabel('Action').selectOption('Deleted')
  await page
    .getByRole('row', { name: /User added/ })
    .first()
    .waitFor({ state: 'detached' })
  expect(await page.locator('tbody tr').count()).toBe(1)
  await page.waitForURL('**/dashboard/audit?action=deleted')
  await page.goBack()
  await field(page, 'Whole name of a user').fill('lab')
  await page.getByRole('row', { name: /Deleted/ }).waitFor({ state: 'detached' })
  await page.getByRole('row', { name: /Sign-in refused/ }).waitFor()
  await page.getByRole('link', { name: '127.0.0.1' }).first().click()
  await page.getByRole('link', { name: 'From 127.0.0.1' }).waitFor()
  await page.getByLabel('Time').selectOption('Last 24 hours')
  await page.reload()
  await page.getByRole('row', { name: /Sign-in refused/ }).waitFor()
  await field(page, 'Whole name of a user').fill('no such user')
  await page.getByText('Nothing like this has happened.').waitFor()
  await page.getByRole('link', { name: 'Show all' }).click()
  await page.getByRole('row', { name: /Deleted/ }).waitFor()
})

test('rows of the audit log are walked through, and opened as what that user did', async () => {
  const page = await openAs('/audit?action=deleted', 'admin', PASSWORD)
  await page.getByRole('row', { name: /Deleted/ }).waitFor()
  await page.keyboard.press('j')
  await page.locator('tr[aria-selected=true]').waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/user=admin/)
})

test('the audit log is no place for others', async () => {
  const page = await openAs('/audit', 'lab', 'lab password')
  await page.getByText('The audit log is for administrators to see.').waitFor()
  expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0)
})

test('somebody makes a token of his own, for no more than he may do, uses it, and revokes it', async () => {
  const page = await openAs('/account', 'lab', 'lab password')
  await page.getByText('changes only jobs that it made, and deletes nothing').first().waitFor()
  const choices = page.getByRole('group', { name: 'What it may do' }).getByRole('radio')
  expect(await choices.count()).toBe(2)
  await expectUsable(page, 'account')
  await field(page, 'Label (optional)').fill('rack 7')
  await button(page, 'Make a token').click()
  await page.getByRole('heading', { name: 'Copy “rack 7” now: it is not shown again' }).waitFor()
  const token = (await page.locator('.made-token pre').first().textContent()) ?? ''
  await page.getByRole('row', { name: /rack 7 Reporter .* never/ }).waitFor()

  const lab = new Client(dashboard.origin, { authorization: `Bearer ${token}` })
  expect((await lab.post('/jobs/', { id: 'of-the-lab' })).status).toBe(201)
  expect((await lab.delete('/jobs/of-the-lab/')).status).toBe(403)

  await button(page, 'Revoke “rack 7”').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('No token yet.').waitFor()
  expect((await lab.post('/jobs/', {})).status).toBe(401)
})

test('an administrator adds a user of any role, and sees what each means', async () => {
  const page = await openAs('/users', 'admin', PASSWORD)
  await button(page, 'Add a user').click()
  await field(page, 'Username').fill('eve')
  const reader = page.getByRole('radio', { name: /Reader Reads, also where that wants credentials/ })
  await reader.check()
  await button(page, 'Add').click()
  await page.getByRole('row', { name: /eve .*Reader/ }).waitFor()
})
