// What administrators do about users and tokens, and what those users find then.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { seriousViolations } from '../support/accessible'
import { expectWithinWidth, PASSWORD, test, withDashboard } from '../support/browser'
import { needing } from '../support/needs'

const dashboard = withDashboard(async () => {})

const RESULTS = `${import.meta.dir}/../fixtures/jobs/all-statuses/job-2026-11-23T18.20-aa0d4a7/results.json`
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })
const panel = (page: Page, title: string) =>
  page.locator('section', { has: page.getByRole('heading', { name: title }) })

/** Opens a page of the dashboard as somebody. */
async function openAs(path: string, username = 'admin', password = PASSWORD): Promise<Page> {
  const page = await dashboard.open(`/sign-in?to=${encodeURIComponent(`/dashboard${path}`)}`)
  await field(page, 'Username').fill(username)
  await field(page, 'Password').fill(password)
  await button(page, 'Sign in').click()
  await button(page, 'Sign out').waitFor()
  return page
}

/** @returns the address of the user in the dashboard, below /dashboard */
async function addUser(username: string, more: object = {}): Promise<string> {
  const { status, body } = await dashboard.client.post('/users/', { username, password: 'first', ...more })
  expect(status).toBe(201)
  return `/users/${body.id}`
}

async function expectUsable(page: Page): Promise<void> {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 })
    await expectWithinWidth(page)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(await seriousViolations(page)).toEqual([])
  }
}

test('an administrator adds a user by keyboard, who signs in and administers nobody', async () => {
  const page = await openAs('/users')
  await button(page, 'Add a user').focus()
  await page.keyboard.press('Enter')
  await page.locator('input[name=username]:focus').waitFor()
  await page.keyboard.type('bob')
  await button(page, 'Make one').click()
  const password = await field(page, 'Password (optional)').inputValue()
  expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
  await button(page, 'Add').click()
  await page.getByText('bob is added.').waitFor()
  await page.getByRole('row', { name: /bob.*Member.*Active/ }).waitFor()
  expect(await page.content()).not.toContain(password)

  const bob = await openAs('/', 'bob', password)
  expect(await bob.getByRole('link', { name: 'Users' }).count()).toBe(0)
  for (const path of ['/users', '/users/1']) {
    await bob.goto(`${dashboard.origin}/dashboard${path}`)
    await bob.getByText('You are bob, and no administrator: ask one for what you need.').waitFor()
    expect(await bob.locator('main').getByRole('button').count()).toBe(0)
  }
})

test('what is wrong with a new user is said at the field, and what was typed stays', async () => {
  await addUser('taken')
  const page = await openAs('/users')
  await button(page, 'Add a user').click()
  await button(page, 'Add').click()
  await page.getByText('This field may not be blank.').waitFor()
  await field(page, 'Email (optional)').fill('a@b.example')
  await field(page, 'Username').fill('taken')
  await button(page, 'Add').click()
  await page.getByText('This field must be unique.').waitFor()
  await page.locator('input[name=username]:focus').waitFor()
  expect(await field(page, 'Email (optional)').inputValue()).toBe('a@b.example')
  await dashboard.expectComplaints(/status of 400/, 2)
})

test('a user is disabled, which ends the session, and enabled again', async () => {
  const address = await addUser('carol')
  const carol = await openAs('/account', 'carol', 'first')
  const page = await openAs(address)
  await button(page, 'Disable').click()
  await page.getByRole('dialog', { name: 'Disable carol?' }).getByRole('button', { name: 'Disable' }).click()
  await page.getByText('Disabled', { exact: true }).waitFor()
  await page.getByText('While the user is disabled, tokens are refused and none are made.').waitFor()
  await carol.reload()
  await carol.getByText('Nobody is signed in here.').waitFor()
  await carol.goto(`${dashboard.origin}/dashboard/sign-in`)
  await field(carol, 'Username').fill('carol')
  await field(carol, 'Password').fill('first')
  await button(carol, 'Sign in').click()
  await carol.getByText('Invalid username/password.').waitFor()
  await dashboard.expectComplaints(/status of 401/)

  await button(page, 'Enable').click()
  await page.getByRole('dialog', { name: 'Enable carol?' }).getByRole('button', { name: 'Enable' }).click()
  await page.getByText('Active', { exact: true }).waitFor()
  await button(carol, 'Sign in').click()
  await button(carol, 'Sign out').waitFor()
})

test('a role and a password are changed, and hold from then on', async () => {
  const address = await addUser('dora')
  const page = await openAs(address)
  await panel(page, 'Details')
    .getByRole('radio', { name: /Administrator/ })
    .check()
  await button(page, 'Save').click()
  await page.getByText('Saved.').waitFor()
  await field(page, 'New password').fill('second')
  await button(page, 'Change the password').click()
  await page.getByText('Set. The user is signed out everywhere.').waitFor()
  const dora = await openAs(address, 'dora', 'second')
  await dora.getByText('Only another administrator can take that from you.').waitFor()
  await panel(page, 'Details')
    .getByRole('radio', { name: /Member/ })
    .check()
  await button(page, 'Save').click()
  await page.getByText('Saved.').waitFor()
  await dora.reload()
  await dora.getByText('You are dora, and no administrator').waitFor()
})

test('what nobody can do to himself is not offered', async () => {
  const page = await openAs('/users/1')
  await page.getByText('This is you').waitFor()
  await button(page, 'Make a token').waitFor()
  expect(await button(page, 'Disable').count()).toBe(0)
  expect(await panel(page, 'Details').getByRole('radio').count()).toBe(0)
  expect(await page.locator('input[name=password]').count()).toBe(0)
})

needing('chromium', 'curl')(
  'a token is shown once, with commands that work as they stand, until it is revoked',
  async () => {
    const address = await addUser('robot', { password: undefined })
    const page = await openAs(address)
    await field(page, 'Label (optional)').fill('lab 7')
    await page.getByRole('radio', { name: '30 days' }).check()
    await button(page, 'Make a token').click()
    const heading = page.getByRole('heading', { name: 'Copy “lab 7” now: it is not shown again' })
    await heading.waitFor()
    await heading.and(page.locator(':focus')).waitFor()
    const [token = '', ...commands] = await page.locator('.made-token pre').allTextContents()
    expect(token).toMatch(/^avocado_[\w-]{43}$/)
    await page.getByRole('row', { name: /lab 7.*never/ }).waitFor()
    const { results } = (await dashboard.client.get(`${address}/tokens/`)).body
    expect(Date.parse(results[0].expires) - Date.parse(results[0].created)).toBeCloseTo(30 * 86_400_000, -5)
    await expectUsable(page)

    const curl = commands.find((command) => command.startsWith('curl')) ?? ''
    await Bun.write(`${dashboard.folder.path}/results.json`, Bun.file(RESULTS))
    const sent = await dashboard.folder.shell(`${curl} -sS -w '%{http_code}' -o answer.json`)
    expect(sent).toEqual({ code: 0, stdout: '201', stderr: '' })

    await button(page, 'I have copied it').click()
    await heading.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('row', { name: /lab 7/ }).waitFor()
    expect(await page.content()).not.toContain(token)

    const revoke = button(page, 'Revoke “lab 7”')
    await revoke.click()
    await page.keyboard.press('Escape')
    await revoke.and(page.locator(':focus')).waitFor()
    await revoke.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('No token yet.').waitFor()
    const refused = await dashboard.folder.shell(`${curl} -sS -w '%{http_code}' -o answer.json`)
    expect(refused).toEqual({ code: 0, stdout: '401', stderr: '' })
  },
)

test('a dialog holds the focus, and gives it back when Escape closes it', async () => {
  const page = await openAs('/users')
  await button(page, 'Add a user').click()
  await page.getByRole('dialog', { name: 'Add a user' }).waitFor()
  await expectUsable(page)
  for (let tab = 0; tab < 12; tab++) {
    await page.keyboard.press('Tab')
    const inside = 'document.activeElement === document.body || !!document.activeElement.closest("dialog")'
    expect(await page.evaluate(inside)).toBe(true)
  }
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await button(page, 'Add a user').and(page.locator(':focus')).waitFor()
  expect(await page.getByRole('row').count()).toBeGreaterThan(1)
})

test('names and addresses as long as can be are text, and break no page', async () => {
  const username = `<img src=x onerror="document.title='run'">${'x'.repeat(100)}`
  const address = await addUser(username, { email: `${'y'.repeat(240)}@b.example` })
  await dashboard.client.post(`${address}/tokens/`, { label: 'z'.repeat(150) })
  const page = await openAs('/users')
  await page.getByRole('link', { name: username }).waitFor()
  await expectUsable(page)
  await page.getByRole('link', { name: username }).click()
  await page.getByRole('heading', { name: username }).waitFor()
  await page.getByText('z'.repeat(150)).first().waitFor()
  await expectUsable(page)
  expect(await page.locator('main img').count()).toBe(0)
  expect(await page.title()).not.toBe('run')
  await page.goto(`${dashboard.origin}/dashboard/account`)
  await expectUsable(page)
})
