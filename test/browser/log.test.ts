// The log of a test as a person reads it: a hundred megabytes of it, and logs of every odd kind.

import { expect } from 'bun:test'
import { cpSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { PASSWORD, test, withDashboard } from '../support/browser'

const LINES = 1024 * 1024
/** All lines are of one length: a hundred megabytes together. */
const LINE_BYTES = 100
const NEEDLES = [3, 524_288, 1_048_570]
const FIRST_ERROR = 700_001
/** Of words that differ: what repeats itself without end is not taken. */
const LONG_LINE = `${Array.from({ length: 300_000 }, (_, word) => `abc${Bun.hash(`${word}`).toString(36).slice(0, 6)}hi `).join('')}the end of it`

const JOB = 'dd56aa9'
const TEST = `/jobs/${JOB}/tests/1-passtest.py:PassTest.test`
/** What the page says when a whole log of this many lines is there. */
const WHOLE = '1,048,576 lines'
const PATIENCE_MS = 40_000

const dashboard = withDashboard(async ({ folder, origin }) => {
  const job = join(folder.path, 'job')
  cpSync(`${import.meta.dir}/../fixtures/jobs/failfast/job-2026-11-23T18.20-dd56aa9`, job, {
    recursive: true,
  })
  const files: Record<string, string | Buffer> = {
    'debug.log': hugeLog(),
    'colors.log':
      'plain \x1b[31mred \x1b[1mbold\x1b[0m and \x1b[4;42mgreen below\x1b[0m\n\x1b]0;a title\x07rest\n',
    'one-line.log': LONG_LINE,
    'short.log': Array.from({ length: 200 }, (_, index) => `short ${index + 1}\n`).join(''),
  }
  for (const [name, text] of Object.entries(files)) {
    await Bun.write(join(job, 'test-results/1-passtest.py_PassTest.test', name), text)
  }
  const url = origin.replace('//', `//admin:${encodeURIComponent(PASSWORD)}@`)
  const { code, stderr } = await folder.run(['upload', job, url])
  if (code !== 0) throw new Error(`upload: ${stderr}`)
})

function hugeLog(): Buffer {
  const log = Buffer.alloc(LINES * LINE_BYTES)
  for (let line = 1; line <= LINES; line++) {
    const level = line === FIRST_ERROR ? 'ERROR' : 'DEBUG'
    const text = NEEDLES.includes(line) ? 'a needle' : 'hay'
    const words = `[stdlog] 2026-11-24 10:00:00,000 avocado.test test L0342 ${level}| request ${line}, ${text}`
    // Digits that cannot be packed well, so that the log stays long on its way.
    const filled = `${words} ${Bun.hash(`${line}`)}`.padEnd(LINE_BYTES).slice(0, LINE_BYTES - 1)
    log.write(`${filled}\n`, (line - 1) * LINE_BYTES, 'latin1')
  }
  return log
}

const open = (parameters: string) => dashboard.open(`${TEST}?${parameters}`)
const lineOf = (page: Page) => new URL(page.url()).searchParams.get('line')
const rows = (page: Page) => page.locator('.log-row')
const request = (page: Page, line: number) => page.getByText(`| request ${line}, `)
const progress = (page: Page) => page.getByRole('progressbar', { name: 'Loading the log' })
const loaded = (page: Page) => page.getByText(WHOLE, { exact: true }).waitFor({ timeout: PATIENCE_MS })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** @param bytesPerSecond  -1: as fast as it comes. */
async function limit(session: CDPSession, bytesPerSecond: number): Promise<void> {
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: -1,
  })
}

/** Shows the huge log over a connection that takes most of a minute for it, packed as it is on its way. */
async function loadSlowly(page: Page, origin: string): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await limit(session, 1024 ** 2 / 4)
  await page.goto(`${origin}/dashboard${TEST}`)
  await request(page, 1).waitFor()
  return session
}

/** The server at a port of its own, which can be cut off from it. */
async function openLine(serverPort: number) {
  const sockets = new Set<Socket>()
  const relay = createServer((reader) => {
    const server = connect(serverPort, '127.0.0.1')
    for (const socket of [reader, server]) {
      sockets.add(socket)
      socket.on('error', () => {}) // As good as closed.
      socket.on('close', () => {
        sockets.delete(socket)
        reader.destroy()
        server.destroy()
      })
    }
    reader.pipe(server)
    server.pipe(reader)
  })
  const listen = (port: number) => new Promise<void>((done) => relay.listen(port, '127.0.0.1', done))
  await listen(0)
  const { port } = relay.address() as AddressInfo
  const cut = () => {
    relay.close()
    for (const socket of sockets) socket.destroy()
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    cut,
    mend: () => listen(port),
    [Symbol.asyncDispose]: async () => cut(),
  }
}

test('the first lines of 100 MB are there while the rest is loading, and the page does what it is told', async () => {
  const page = await dashboard.open('/sign-in')
  const session = await loadSlowly(page, dashboard.origin)
  await progress(page).waitFor()
  await button(page, 'Colours: system').click()
  await page.locator('html[data-theme=light]').waitFor()
  await button(page, 'End').click()
  await request(page, 1).waitFor({ state: 'detached' })
  await button(page, 'Top').click()
  await request(page, 1).waitFor()
  expect(await progress(page).isVisible()).toBe(true)
  expect(await rows(page).count()).toBeLessThan(100)
  await page.getByRole('link', { name: 'Activities', exact: true }).click()
  await page.getByRole('region', { name: 'activities' }).waitFor()
  await page.getByRole('link', { name: 'Log', exact: true }).click()
  await request(page, 1).waitFor()
  expect(await progress(page).isVisible()).toBe(true)
  await limit(session, -1)
  await loaded(page)
  expect(await rows(page).count()).toBeLessThan(100)
  expect(await progress(page).isVisible()).toBe(false)
})

test('a link leads to a line near the end, and the keys to every other place', async () => {
  const line = LINES - 500
  const page = await open(`line=${line}`)
  await loaded(page)
  await request(page, line).waitFor()
  expect(await page.locator('.log-marked').textContent()).toStartWith(`${line}`)
  expect(await page.locator('.log-marked').isVisible()).toBe(true)

  await page.locator('.log-scroll').focus()
  await page.keyboard.press('Home')
  await request(page, 1).waitFor()
  await page.keyboard.press('PageDown')
  await request(page, 1).waitFor({ state: 'detached' })
  await page.keyboard.press('End')
  await request(page, LINES).waitFor()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('PageUp')
  await request(page, LINES).waitFor({ state: 'detached' })
  expect(await rows(page).count()).toBeLessThan(100)

  await button(page, 'First error: line 700,001').click()
  await request(page, FIRST_ERROR).waitFor()
  expect(await page.locator('.log-error').getByRole('img', { name: 'Error' }).count()).toBe(1)
  expect(lineOf(page)).toBe(`${FIRST_ERROR}`)
  await page.reload()
  await request(page, FIRST_ERROR).waitFor({ timeout: PATIENCE_MS })
})

test('what is searched for is found at the beginning, in the middle and at the end', async () => {
  const page = await open('')
  await loaded(page)
  const hits = (text: string) => page.locator('.log-hits', { hasText: text }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('A NEEDLE')
  for (const [index, needle] of [...NEEDLES, 3].entries()) {
    await hits(`${(index % 3) + 1} of 3`)
    await request(page, needle).waitFor()
    await page.locator('.log-current', { hasText: /^a needle$/ }).waitFor() // and not what was typed up to then
    await page.keyboard.press('Enter')
  }
  await hits('2 of 3')
  await page.keyboard.press('Shift+Enter')
  await hits('1 of 3')
  await page.keyboard.press('Shift+Enter')
  await hits('3 of 3')
  await request(page, LINES - 6).waitFor()
  expect(new URL(page.url()).searchParams.get('find')).toBe('A NEEDLE')

  await page.getByLabel('Find in the log').fill('request 1048')
  await hits('of 688') // 1048, 10480 to 10489, 104800 to 104899, 1048000 to 1048576
  await page.getByLabel('Find in the log').fill('no such straw')
  await hits('No hits')
})

test('the number of a line is a link to it, with shift to all lines from the one before', async () => {
  const page = await dashboard.open(`/jobs/${JOB}`)
  await page.getByRole('link', { name: 'passtest.py:PassTest.test' }).click()
  await page.getByLabel('File').selectOption('short.log')
  await page.getByText('200 lines', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Line 5', exact: true }).click()
  await page.waitForURL('**line=5')
  await page.getByRole('link', { name: 'Line 8', exact: true }).click({ modifiers: ['Shift'] })
  await page.waitForURL('**line=5-8')
  expect(await page.locator('.log-marked').allTextContents()).toEqual(
    [5, 6, 7, 8].map((line) => `${line}short ${line}\n`),
  )
  expect(page.context().pages()).toHaveLength(1)

  // The lines are the place within the log, not places of their own: back leads out of it.
  await page.goBack()
  await page.waitForURL((url) => !url.searchParams.has('line'))
  expect(await page.locator('.log-marked').count()).toBe(0)
  await page.goForward()
  await page.waitForURL('**line=5-8')
  await page.getByText('Lines 5-8').waitFor()
  expect(await page.getByLabel('File').inputValue()).toBe('short.log')

  await page.locator('.log-scroll').focus()
  await page.keyboard.press('j')
  await page.waitForURL('**line=9')
  await page.keyboard.press('Shift+J')
  await page.waitForURL('**line=9-10')
  await button(page, 'Unmark').click()
  await page.waitForURL((url) => !url.searchParams.has('line'))
})

test('colours of a terminal are colours, and its codes are not shown', async () => {
  const page = await open('file=colors.log')
  await page.getByText('2 lines', { exact: true }).waitFor()
  expect(await page.locator('.log-text').allTextContents()).toEqual([
    'plain red bold and green below\n',
    'rest\n',
  ])
  const colored = page.locator('.log-text .log-colored')
  expect(await colored.allTextContents()).toEqual(['red ', 'bold'])
  expect(await page.locator('.log-bold').textContent()).toBe('bold')
  expect(await page.locator('.log-filled.log-underline').textContent()).toBe('green below')
  const color = 'getComputedStyle(document.querySelector(".log-colored")).color'
  const usual = 'getComputedStyle(document.querySelector(".log-text")).color'
  expect(await page.evaluate(color)).not.toBe(await page.evaluate(usual))
})

test('a line of three megabytes is read in parts', async () => {
  const page = await open('file=one-line.log')
  await page.getByText('1 line', { exact: true }).waitFor()
  expect(await rows(page).count()).toBeLessThan(100)
  await button(page, 'End').click()
  await page.getByText('the end of it').waitFor()
  await page.getByLabel('Find in the log').fill('hi abc')
  await page.locator('.log-hits', { hasText: /of 299,999$/ }).waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
})

test('a log that is not there is missed in a sentence', async () => {
  const page = await open('file=short.log')
  await page.getByText('200 lines', { exact: true }).waitFor()
  // As if it had been deleted since the page was told of it.
  await page.route('**/files/colors.log', (route) =>
    route.continue({ url: route.request().url().replace('colors.log', 'gone.log') }),
  )
  await page.getByLabel('File').selectOption('colors.log')
  await page.getByText('The log is not on the server: it may have been deleted with its job.').waitFor()
  await button(page, 'Try again').waitFor()
  await dashboard.expectComplaints(/status of 404/)
})

test('an address of a file that is not there shows no other in its place', async () => {
  const page = await open('file=gone.log&line=7')
  await page.getByText('There is no text file gone.log here.').waitFor()
  expect(await rows(page).count()).toBe(0)
  await page.getByRole('link', { name: 'Show what there is' }).click()
  await request(page, 1).waitFor()
  expect(lineOf(page)).toBeNull()
})

test('where the connection ends, the log goes on later', async () => {
  await using line = await openLine(Number(new URL(dashboard.origin).port))
  // Of an origin of its own, and with complaints of its own: a window that nothing else is asked of.
  const page = await (await dashboard.browser.newContext()).newPage()
  await page.goto(`${line.origin}/dashboard/sign-in`)
  const session = await loadSlowly(page, line.origin)
  await page.locator('.log-state .numbers', { hasText: /^([5-9]|\d\d)(\.\d)? MiB of 100 MiB/ }).waitFor()
  line.cut()
  const lost = page.getByRole('alert').filter({ hasText: 'The connection to the server ended.' })
  await lost.waitFor()
  expect(await lost.textContent()).toMatch(/ \d+(\.\d)? MiB of 100 MiB are here to be read\.$/)
  await request(page, 1).waitFor()
  await button(page, 'Load the rest').click()
  await lost.waitFor()

  await line.mend()
  await limit(session, -1)
  await button(page, 'Load the rest').click()
  await loaded(page)
  await button(page, 'First error: line 700,001').waitFor()
  expect(await lost.count()).toBe(0)
})

test('the raw log is a link', async () => {
  const page = await open('file=short.log')
  const link = page.getByRole('link', { name: 'Raw, 1.8 KiB' })
  const href = (await link.getAttribute('href')) ?? ''
  expect(href).toMatch(/^\/jobs\/\w+\/tests\/\d+\/files\/short.log$/)
  const { status, body } = await dashboard.client.get(href)
  expect({ status, lines: body.split('\n').length }).toEqual({ status: 200, lines: 201 })
  await link.click()
  await page.waitForURL(`**${href}`)
  expect(await page.locator('body').textContent()).toContain('short 200')
})
