// The log of a test as it is read: high on the page, over the whole screen, wrapped, and from one failed test to the next.

import { expect } from 'bun:test'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { PASSWORD, test, withSamples } from '../support/browser'

const SAMPLE = 'aa0d4a7'
const REPORT = 'e805cec'
const LONG = 'dd56aa9'
const LONG_LINE = `begin ${'0123456789 '.repeat(60)}the end of it`

const dashboard = withSamples(async (started) => {
  const { folder, origin } = started
  const job = join(folder.path, 'job')
  cpSync(`${import.meta.dir}/../fixtures/jobs/failfast/job-2026-11-23T18.20-dd56aa9`, job, {
    recursive: true,
  })
  const lines = Array.from({ length: 400 }, (_, index) =>
    index % 10 === 4 ? LONG_LINE : `line ${index + 1}`,
  )
  await Bun.write(join(job, 'test-results/1-passtest.py_PassTest.test/debug.log'), `${lines.join('\n')}\n`)
  const url = origin.replace('//', `//admin:${encodeURIComponent(PASSWORD)}@`)
  const { code, stderr } = await folder.run(['upload', job, url])
  if (code !== 0) throw new Error(`upload: ${stderr}`)
})

const LONG_TEST = `/jobs/${LONG}/tests/1-passtest.py:PassTest.test`
const row = (page: Page, text: string) => page.locator('.log-row', { hasText: text })
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function open(path: string): Promise<Page> {
  const page = await dashboard.open(path)
  await page.locator('.log-row').first().waitFor()
  return page
}

/** The failed tests of the job in the order of its list. */
async function failedTests(): Promise<{ id: number; name: string }[]> {
  const { body } = await dashboard.client.get(
    `/jobs/${SAMPLE}/tests/?status=FAIL,ERROR&ordering=severity&include=details&page_size=100`,
  )
  return body.results
}

test('the log begins in the upper half of the window', async () => {
  const page = await open(`/jobs/${SAMPLE}/tests/2`)
  const first = await page.locator('.log-row').first().boundingBox()
  expect(first?.y).toBeLessThan(450)
})

test('and it stays there when what is known about the failure arrives above it', async () => {
  const page = await dashboard.open('/jobs')
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  await page.route('**/verdict/', async (route) => {
    await told
    await route.continue()
  })
  await page.goto(`${dashboard.origin}/dashboard/jobs/${SAMPLE}/tests/2`)
  await page.locator('.log-row').first().waitFor()
  await page.getByLabel('What is known about this failure').waitFor()
  const top = async () => (await page.locator('.log-row').first().boundingBox())?.y
  // What else the page shows has come before.
  await page.getByText(/of \d+ failed/).waitFor()
  const before = await top()
  tell()
  await page.locator('.sentence').waitFor()
  expect(await top()).toBe(before as number)
  expect(before).toBeLessThan(450)
})

test('in full screen there is the log, its test and its failed neighbours, and nothing else', async () => {
  const page = await open(`/jobs/${SAMPLE}/tests/2`)
  await button(page, 'Full screen').click()
  await page.waitForURL('**full=true')
  const log = page.locator('.log-full')
  await log.getByText('failtest.py:FailTest.test').first().waitFor()
  await log.getByRole('navigation', { name: 'Failed tests' }).waitFor()
  const size = await page.evaluate(`(() => {
    const { top, left, right, bottom } = document.querySelector('.log-full').getBoundingClientRect()
    return { top, left, right: innerWidth - right, bottom: innerHeight - bottom }
  })()`)
  expect(size).toEqual({ top: 0, left: 0, right: 0, bottom: 0 })
  expect(await page.locator('header.bar').isVisible()).toBe(false)
  expect(await page.locator('.tabs').isVisible()).toBe(false)
  // Tab stays within.
  for (let step = 0; step < 20; step++) {
    await page.keyboard.press('Tab')
    expect(
      await page.evaluate(
        'document.activeElement === document.body || document.querySelector(".log-full").contains(document.activeElement)',
      ),
    ).toBe(true)
  }
  // A field is left first.
  await page.getByLabel('Find in the log').focus()
  await page.keyboard.press('Escape')
  expect(await log.isVisible()).toBe(true)
  await page.keyboard.press('Escape')
  await log.waitFor({ state: 'detached' })
  await page.locator('header.bar').waitFor()
  await page.waitForURL((url) => !url.searchParams.has('full'))

  await page.keyboard.press('z')
  await log.waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').getByText('the log in full screen, and back').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('z')
  await log.waitFor({ state: 'detached' })
  // An address of its own.
  const other = await open(`/jobs/${SAMPLE}/tests/2?full=true`)
  await other.locator('.log-full').waitFor()
})

test('from one failed test to the next, by links and by keys, and in full screen as well', async () => {
  const failed = await failedTests()
  expect(failed.length).toBeGreaterThan(4)
  const [first, second, third] = failed as [
    { id: number; name: string },
    { id: number; name: string },
    { id: number; name: string },
  ]
  const page = await dashboard.open(`/jobs/${SAMPLE}/tests/${first.id}`)
  const navigation = page.getByRole('navigation', { name: 'Failed tests' })
  await navigation.getByText(`1 of ${failed.length} failed`).waitFor()
  expect(await navigation.getByRole('link', { name: 'Previous failed test' }).count()).toBe(0)
  await navigation.getByRole('link', { name: 'Next failed test' }).click()
  await page.waitForURL(`**/tests/${second.id}`)
  await heading(page, second.name).waitFor()
  await navigation.getByText(`2 of ${failed.length} failed`).waitFor()
  await page.locator('.log-bar').waitFor() // the key is that of the log
  await page.keyboard.press('z')
  await page.locator('.log-full').waitFor()
  await page.keyboard.press('f')
  await page.waitForURL(`**/tests/${third.id}?full=true`)
  await page.locator('.log-full').getByText(`3 of ${failed.length} failed`).waitFor()
  await page.keyboard.press('F')
  await page.locator('.log-full').getByText(`2 of ${failed.length} failed`).waitFor()
  await page.keyboard.press('Escape')
  await heading(page, second.name).waitFor()

  // From a test that passed the first one is next; where none failed nothing is offered.
  const { body } = await dashboard.client.get(`/jobs/${SAMPLE}/tests/?status=PASS`)
  await page.goto(`${dashboard.origin}/dashboard/jobs/${SAMPLE}/tests/${body.results[0].id}`)
  await navigation.getByText(`${failed.length} failed`, { exact: true }).waitFor()
  await page.keyboard.press('f')
  await page.waitForURL(`**/tests/${first.id}`)
  const other = await dashboard.open(`/jobs/${REPORT}/tests/1-%2Fbin%2Ftrue`)
  await heading(other, '/bin/true').waitFor()
  expect(await other.getByRole('navigation', { name: 'Failed tests' }).count()).toBe(0)
})

test('Escape leaves the field of the search, with what was typed, and n goes on from there', async () => {
  const page = await open(`/jobs/${SAMPLE}/tests/2`)
  const field = page.getByLabel('Find in the log')
  await page.keyboard.press('/')
  await page.keyboard.type('deprecat')
  await page.keyboard.press('Escape')
  expect(await page.evaluate('document.activeElement === document.body')).toBe(true)
  expect(await field.inputValue()).toBe('deprecat')
  await page.waitForURL('**find=deprecat')
  await page.locator('.log-hits', { hasText: /^1 of \d+$/ }).waitFor()
  await page.keyboard.press('n')
  await page.locator('.log-hits', { hasText: /^2 of \d+$/ }).waitFor()
  expect(await field.inputValue()).toBe('deprecat')
})

test('no letter is lost that is typed while the former ones go into the address', async () => {
  for (const [path, label, parameter] of [
    [`/jobs/${SAMPLE}/tests/2`, 'Find in the log', 'find'],
    ['/jobs', 'Description, id or number', 'search'],
  ] as const) {
    const page = await dashboard.open(path)
    await page.getByLabel(label).waitFor()
    await page.evaluate(`new Promise((resolve) => {
      const field = document.querySelector('[aria-label="${label}"]')
      const type = (text) => {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text)
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      }
      const { replaceState } = history
      history.replaceState = (...entry) => {
        history.replaceState = replaceState
        replaceState.apply(history, entry)
        type('deprecat')
        resolve()
      }
      type('depr')
    })`)
    await page.waitForURL(`**${parameter}=deprecat`)
    expect(await page.getByLabel(label).inputValue()).toBe('deprecat')
  }
})

test('the hits are those of the text that is typed, at every moment', async () => {
  const page = await open(`/jobs/${SAMPLE}/tests/2?find=deprecat`)
  await page.locator('.log-hits', { hasText: /^1 of \d+$/ }).waitFor()
  const hits = await page.locator('.log-hits').textContent()
  await page.evaluate(`
    window.mixed = []
    const look = () => {
      const hits = document.querySelector('.log-hits').textContent
      const typed = document.querySelector('.log-find input').value
      if (typed !== 'deprecat' && hits === ${JSON.stringify(hits)}) mixed.push(typed)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })`)
  const field = page.getByLabel('Find in the log')
  await field.fill('nothing-like-this')
  await page.locator('.log-hits', { hasText: 'No hits' }).waitFor()
  await field.fill('Traceback')
  await page.locator('.log-hits', { hasText: /^1 of \d+$/ }).waitFor()
  expect(await page.evaluate('mixed')).toEqual([])
})

test('long lines wrap when that is wanted, at every width, and for all logs', async () => {
  const page = await open(LONG_TEST)
  const isWider = () =>
    page.evaluate(`(() => {
      const log = document.querySelector('.log-scroll')
      return log.scrollWidth > log.clientWidth
    })()`)
  expect(await isWider()).toBe(true)
  expect(await row(page, 'the end of it').first().getByText('begin').count()).toBe(1)
  await button(page, 'Wrap').click()
  const end = page.locator('.log-row', { hasText: /the end of it\s*$/ }).first()
  const isWrapped = page.locator('.log-row', { hasText: /^…/ }).first()
  await isWrapped.waitFor()
  await end.waitFor()
  expect(await isWider()).toBe(false)
  expect(await row(page, 'begin').first().getByText('the end of it').count()).toBe(0)
  // The numbers are those of the lines.
  expect(await row(page, 'line 6').first().locator('.log-number').textContent()).toBe('6')

  await page.setViewportSize({ width: 390, height: 844 })
  await page
    .locator('.log-row', { hasText: /^5begin [\d ]{10,40}\s*$/ })
    .first()
    .waitFor()
  expect(await isWider()).toBe(false)

  const other = await open(LONG_TEST)
  expect(await button(other, 'Wrap').getAttribute('aria-pressed')).toBe('false')
  await page.reload()
  await isWrapped.waitFor()
  await page.locator('.log-scroll').focus()
  await button(page, 'Wrap').click()
  await isWrapped.waitFor({ state: 'detached' })
})

test('the first line that is seen stays when lines begin and cease to wrap', async () => {
  const page = await open(`${LONG_TEST}?line=200`)
  await page.locator('.log-marked').waitFor()
  const first = () =>
    page.evaluate(`(() => {
      const top = document.querySelector('.log-scroll').getBoundingClientRect().top
      const row = [...document.querySelectorAll('.log-row')].find((row) => row.getBoundingClientRect().bottom > top + 1)
      return row.querySelector('.log-number').textContent
    })()`)
  const line = await first()
  await button(page, 'Wrap').click()
  await page.locator('.log-row', { hasText: /^…/ }).first().waitFor()
  expect(await first()).toBe(line)
  await button(page, 'Wrap').click()
  await page.locator('.log-row', { hasText: /^…/ }).first().waitFor({ state: 'detached' })
  expect(await first()).toBe(line)
})

test('the report of a job is a page of its own within the page: no origin, no scripts', async () => {
  const page = await dashboard.open(`/jobs/${REPORT}`)
  await page.getByRole('link', { name: 'Report', exact: true }).click()
  const frame = page.frameLocator('iframe')
  await frame.getByText('Avocado Job Report').first().waitFor()
  expect(await page.locator('iframe').getAttribute('sandbox')).toBe('')
  const [, report] = page.frames()
  expect(await report?.evaluate('origin')).toBe('null')
  expect(await report?.evaluate('try { document.cookie } catch (error) { error.name }')).toBe('SecurityError')
  // Chromium tells of each script and font that the sandbox keeps out.
  await dashboard.expectComplaints(/Blocked script execution|Loading the font/)

  const without = await dashboard.open(`/jobs/${SAMPLE}`)
  await without.locator('table.tests .row-link').first().waitFor()
  await without.getByRole('link', { name: 'Files', exact: true }).click()
  await without.locator('table.files').waitFor()
  expect(await without.getByRole('link', { name: 'Report', exact: true }).count()).toBe(0)
})

test('the suite of a test stands on its page, and before its name in the list', async () => {
  const reply = await dashboard.client.request('POST', '/imports/?format=xml&description=suites', {
    body: `<testsuites>
      <testsuite name="network"><testcase classname="Net" name="ping" time="0.5"/></testsuite>
      <testsuite name="storage"><testcase classname="Disk" name="write" time="0.5"/></testsuite>
    </testsuites>`,
  })
  expect(reply.status).toBe(201)
  const { body } = await dashboard.client.get('/jobs/?search=suites&omit=tests')
  const page = await dashboard.open(`/jobs/${body.results[0].id}?ordering=tag`)
  await page.locator('table.tests .row-link').first().click()
  const fact = page.locator('.facts div', { hasText: /^Suite/ })
  expect(await fact.locator('dd').textContent()).toMatch(/^(network|storage)$/)
})
