// The API browser: from an address to another, and what the forms send.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { PASSWORD, signIn, test, withDashboard } from '../support/browser'

const MANY = 10_000
const XSS = '<img src=x onerror="document.title = \'run\'">'

const dashboard = withDashboard(async ({ client }) => {
  const tests = Array.from({ length: MANY }, (_, index) => ({ tag: `${index}-a/b?.py:Test`, status: 'PASS' }))
  await client.post('/jobs/', { id: 'big', description: XSS, tests })
  for (const id of ['b', 'c']) await client.post('/jobs/', { id })
})

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor()
const answered = (page: Page, text: string) => page.getByRole('heading', { name: text }).waitFor()

test('links lead on, pages turn, and back is back', async () => {
  const page = await dashboard.open('/api/')
  await page.getByRole('link', { name: '/jobs/"' }).click()
  await heading(page, 'List jobs')
  await page.getByLabel('Rows a page').selectOption('50')
  await page.waitForURL('**/api/jobs/?page_size=50')
  await page.keyboard.press('/')
  await page.keyboard.type('jobs?page_size=1&omit=tests')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Next' }).click()
  await page.waitForURL('**page=2')
  await page.getByText('"b"').waitFor()
  await page.getByRole('link', { name: 'Last' }).click()
  await page.waitForURL('**page=last')
  await page.getByText('"c"').click()
  await heading(page, 'Show a job, named by id, number, or the beginning of its id')
  await page.waitForURL('**/dashboard/api/jobs/c/')
  await page.getByRole('button', { name: 'OPTIONS' }).click()
  await answered(page, 'OPTIONS → 200 OK')
  await page.goBack()
  await page.waitForURL('**page=last')
  await page.getByLabel('Breadcrumbs').getByRole('link', { name: 'API' }).click()
  await page.getByRole('heading', { name: 'All of the API' }).waitFor()
})

test('a name with slashes and percent signs stays what it is', async () => {
  const page = await dashboard.open('/api/jobs/big/tests/7-a%2Fb%3F.py:Test/')
  await page.getByText('"7-a/b?.py:Test"').waitFor()
  expect(await page.getByLabel('Address').inputValue()).toBe('/jobs/big/tests/7-a%2Fb%3F.py:Test/')
  expect(await page.getByLabel('Breadcrumbs').textContent()).toContain('7-a/b?.py:Test')
})

test('of ten thousand tests the first are there at once, more when asked for, and nothing runs', async () => {
  const page = await dashboard.open('/api/jobs/big/')
  await page.getByText(JSON.stringify(XSS)).waitFor()
  const more = page.getByRole('button', { name: '9,900 more' })
  await more.click()
  await more.waitFor({ state: 'detached' })
  expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(8000)
  expect(await page.title()).not.toBe('run')
  expect(await page.locator('main img').count()).toBe(0)
})

test('HTML is shown and not run', async () => {
  const page = await dashboard.open('/api/dashboard/')
  await answered(page, 'GET → 200 OK')
  await page.getByText('<html').waitFor()
  expect(await page.locator('main main').count()).toBe(0)
})

test('an address that is none says so', async () => {
  const page = await dashboard.open('/api/nothing/here')
  await answered(page, 'GET → 404 Not Found')
  await page.getByText('There is nothing at /nothing/here.').waitFor()
  await dashboard.expectComplaints(/status of 404/, 2) // of the two answers
})

test('a job is added, changed, and deleted with the forms', async () => {
  const page = await dashboard.open('/api/jobs/')
  await page.getByText('To send this').waitFor()
  expect(await page.getByRole('button', { name: 'POST', exact: true }).isDisabled()).toBe(true)
  await page.getByRole('link', { name: 'sign in', exact: true }).click()
  await page.getByLabel('Username').fill('admin')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await heading(page, 'List jobs')

  const form = page.locator('.api-form')
  await page.getByLabel('id', { exact: true }).fill('made')
  await page.getByLabel('elapsed_time').fill('long')
  await form.getByRole('button', { name: 'POST' }).click()
  await page.getByText('A valid number is required.').first().waitFor()
  await dashboard.expectComplaints(/status of 400/)
  await page.getByLabel('elapsed_time').fill('1.5')
  await form.getByRole('button', { name: 'POST' }).click()
  await answered(page, 'POST → 201 Created')
  await page.getByRole('link', { name: `${dashboard.origin}/jobs/made/`, exact: true }).click()
  await heading(page, 'Show a job, named by id, number, or the beginning of its id')

  await page.getByRole('button', { name: 'PATCH', exact: true }).first().click()
  await page.getByLabel('description').fill('by hand')
  await form.getByRole('button', { name: 'JSON' }).click()
  expect(await page.getByLabel('Body').inputValue()).toBe('{\n  "description": "by hand"\n}')
  await form.getByRole('button', { name: 'PATCH' }).click()
  await answered(page, 'PATCH → 200 OK')
  const { body } = await dashboard.client.get('/jobs/made/?omit=tests,activities')
  expect(body).toMatchObject({ description: 'by hand', elapsed_time: 1.5 })

  await page.getByRole('button', { name: 'DELETE' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await answered(page, 'DELETE → 204 No Content')
  await page.waitForURL('**/dashboard/api/jobs/')
  expect((await dashboard.client.get('/jobs/made/')).status).toBe(404)
})

test('a file is imported as it is', async () => {
  const page = await dashboard.open('/')
  await signIn(page)
  await page.goto(`${dashboard.origin}/dashboard/api/imports/`)
  await answered(page, 'GET → 405 Method Not Allowed')
  const buffer = Buffer.from('TAP version 13\n1..1\nok 1 - works\n')
  await page
    .getByLabel('File', { exact: true })
    .setInputFiles({ name: 'a.tap', mimeType: 'text/plain', buffer })
  await page.getByRole('button', { name: 'POST the file' }).click()
  await answered(page, 'POST → 201 Created')
  await dashboard.expectComplaints(/status of 405/, 2) // of GET before and after
})

test('a stream of events is shown as far as it came', async () => {
  const page = await dashboard.open('/api/events/')
  await page.getByText('event: hello').waitFor()
  await page.getByText('This is the beginning.').waitFor()
})
