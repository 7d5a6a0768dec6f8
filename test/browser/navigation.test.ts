// Finding one's way: every view has an address that shows it again, and a keyboard is enough to reach it.

import { describe, expect } from 'bun:test'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { makeJobs, PASSWORD, test, waitUntil, withDashboard, withSamples } from '../support/browser'
import { needing } from '../support/needs'

const SAMPLE = 'aa0d4a7'
const SAMPLE_ID = 'aa0d4a76ce502ecca8734f93314519f0ac88eeaf'

const path = (page: Page) => page.url().replace(/^.*?\/dashboard/, '')
const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams)
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name, exact: true })
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor()

/** Commands as they are shown. */
const commands = (page: Page) => page.locator('.command pre').allTextContents()

describe('a server with jobs', () => {
  const dashboard = withSamples(async (started) => {
    await makeJobs(started, 400)
    await uploadQuoted()
  })

  /** A job of which the command line needs quotes. */
  async function uploadQuoted(): Promise<void> {
    const { folder, origin } = dashboard
    const job = join(folder.path, 'quoted')
    const sample = `${import.meta.dir}/../fixtures/jobs/single-nosysinfo/job-2026-11-23T18.21-e805cec`
    cpSync(sample, job, { recursive: true, filter: (file) => !file.endsWith('.sqlite') })
    await Bun.write(join(job, 'id'), `${'9'.repeat(39)}a`)
    await Bun.write(
      join(job, 'jobdata/cmdline'),
      String.raw`['avocado', 'run', '-p', "it's=$HOME *", 'a\\b']`,
    )
    const results = join(job, 'results.json')
    const parsed = await Bun.file(results).json()
    await Bun.write(results, JSON.stringify({ ...parsed, job_id: `${'9'.repeat(39)}a` }))
    const url = origin.replace('//', `//admin:${encodeURIComponent(PASSWORD)}@`)
    const { code, stderr } = await folder.run(['upload', job, url])
    if (code !== 0) throw new Error(`upload: ${stderr}`)
  }

  /** What is seen stays when the page is loaded again, and when its address is opened elsewhere. */
  async function expectKept(page: Page, look: (page: Page) => Promise<unknown>): Promise<void> {
    const before = await look(page)
    await page.reload()
    expect(await look(page)).toEqual(before)
    expect(await look(await dashboard.open(path(page)))).toEqual(before)
  }

  /** The answer to the address of now: no longer the one before. */
  const settled = (page: Page) =>
    page.locator('section[aria-label=Jobs]:not([data-stale]) tbody tr').first().waitFor()

  async function shownIds(page: Page): Promise<(string | null)[]> {
    await settled(page)
    const ids = page.locator('table.jobs .col-id .mono')
    return Promise.all((await ids.all()).map((id) => id.getAttribute('title')))
  }

  async function lookAtJobs(page: Page) {
    const ids = await shownIds(page)
    const moments = page.locator('input[type=datetime-local]')
    return {
      ids,
      search: await page.getByLabel('Description, id or number').inputValue(),
      statuses: await page
        .getByRole('group', { name: 'Status' })
        .locator('[aria-current=true]')
        .allTextContents(),
      tests: await page.getByLabel('Tests', { exact: true }).inputValue(),
      time: await page.getByLabel('Time', { exact: true }).inputValue(),
      moments: await Promise.all((await moments.all()).map((moment) => moment.inputValue())),
      sorted: await page.locator('th[aria-sort=descending]').allTextContents(),
      pager: await page.locator('.pager .numbers').textContent(),
    }
  }

  test('jobs: search, statuses, outcome, range, order and page are in the address', async () => {
    const page = await dashboard.open('/jobs')
    await settled(page)
    await page.getByLabel('Description, id or number').fill('nightly')
    await page.waitForURL('**search=nightly')
    const status = page.getByRole('group', { name: 'Status' })
    await status.getByRole('link', { name: 'Fail' }).click()
    await status.getByRole('link', { name: 'Error' }).click()
    await page.getByLabel('Tests', { exact: true }).selectOption('With tests: Fail')
    await page.getByLabel('Time', { exact: true }).selectOption('Last year')
    await page.getByRole('columnheader', { name: 'Duration' }).getByRole('link').click()
    await link(page, 'Next page').click()
    await page.waitForURL('**page=2')
    expect(parameters(page)).toEqual({
      search: 'nightly',
      status: 'FAIL,ERROR',
      outcome: 'FAIL',
      range: '365d',
      ordering: '-elapsed_time',
      page: '2',
    })
    const { ids, ...rest } = await lookAtJobs(page)
    expect(rest).toEqual({
      search: 'nightly',
      statuses: ['Fail', 'Error'],
      tests: 'FAIL',
      time: '365d',
      moments: [],
      sorted: ['Duration'],
      pager: expect.stringMatching(/^26–50 of \d+$/),
    })
    const { body } = await dashboard.client.get(
      '/jobs/?search=nightly&status=FAIL,ERROR&outcome=FAIL&ordering=-elapsed_time&page_size=25&page=2&omit=tests,activities',
    )
    expect(ids).toEqual(body.results.map(({ id }: { id: string }) => id))
    await expectKept(page, lookAtJobs)
  })

  test('jobs: from one moment to another is in the address', async () => {
    const page = await dashboard.open('/jobs')
    await settled(page)
    await page.getByLabel('Time', { exact: true }).selectOption('From … to …')
    await page.waitForURL('**after=**')
    const day = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 11)
    await page.getByLabel('From', { exact: true }).fill(`${day(3)}10:00`)
    await page.getByLabel('To', { exact: true }).fill(`${day(2)}10:00`)
    await page.getByLabel('To', { exact: true }).blur()
    await page.waitForURL('**before=**')
    const { after, before } = parameters(page)
    expect(Date.parse(before ?? '') - Date.parse(after ?? '')).toBe(86_400_000)
    const seen = await lookAtJobs(page)
    expect(seen).toMatchObject({
      time: 'own',
      moments: [`${day(3)}10:00`, `${day(2)}10:00`],
      pager: '1–25 of 48',
    })
    await expectKept(page, lookAtJobs)
    await page.getByLabel('Time', { exact: true }).selectOption('Any time')
    await page.waitForURL((url) => url.search === '')
  })

  test('jobs: sorted by each column, in the order of the API', async () => {
    const page = await dashboard.open('/jobs')
    const columns = {
      Status: ['status', '-status'],
      Description: ['description', '-description'],
      Id: ['id', '-id'],
      Time: ['-time', 'time'],
      Duration: ['-elapsed_time', 'elapsed_time'],
      Tests: ['-tests_total', 'tests_total'],
      Outcomes: ['-failures', 'failures'],
    }
    await settled(page)
    for (const [column, orderings] of Object.entries(columns)) {
      const head = page.getByRole('columnheader', { name: column, exact: true })
      // The newest are first without being asked for.
      for (const ordering of column === 'Time' ? orderings.toReversed() : orderings) {
        if (column === 'Time' && ordering === 'time') await page.goto(`${dashboard.origin}/dashboard/jobs`)
        await head.getByRole('link').click()
        await page.waitForURL(`**ordering=${ordering}`)
        // The head is that of the rows: it changes with them.
        await settled(page)
        expect(await head.getAttribute('aria-sort')).toBe(
          ordering.startsWith('-') ? 'descending' : 'ascending',
        )
        const { body } = await dashboard.client.get(
          `/jobs/?ordering=${ordering}&page_size=25&omit=tests,activities`,
        )
        expect(await shownIds(page)).toEqual(body.results.map(({ id }: { id: string }) => id))
      }
    }
  })

  test('overview: the range is in the address, and a step of its own', async () => {
    const look = async (page: Page) => {
      const range = page.getByRole('navigation', { name: 'Range' })
      await page.locator('.plot canvas').waitFor()
      return {
        chosen: await range.locator('[aria-current=true]').allTextContents(),
        caption: await page.locator('figcaption').textContent(),
      }
    }
    const page = await dashboard.open('/overview')
    expect((await look(page)).chosen).toEqual(['30 days'])
    await link(page, '7 days').click()
    await page.waitForURL('**/dashboard/overview?range=7d')
    expect((await look(page)).chosen).toEqual(['7 days'])
    await page.getByText('tests an hour').waitFor()
    await expectKept(page, look)
    await page.goBack()
    await page.waitForURL((url) => url.search === '')
    expect((await look(page)).chosen).toEqual(['30 days'])
  })

  test('job: the tab, and what is shown of the tests, are in the address', async () => {
    const lookAtTests = async (page: Page) => {
      await page.locator('table.tests tbody a').first().waitFor()
      return {
        names: await page.locator('table.tests .row-link').allTextContents(),
        search: await page.getByLabel('Name, variant or number').inputValue(),
        outcome: await page.locator('.choices [aria-current=true]').allTextContents(),
        sorted: await page.locator('th[aria-sort]').allTextContents(),
      }
    }
    const page = await dashboard.open(`/jobs/${SAMPLE}`)
    await page.locator('table.tests .row-link').first().waitFor()
    await page
      .locator('.choices')
      .getByRole('link', { name: /^Fail / })
      .click()
    await page.getByRole('columnheader', { name: 'Test' }).getByRole('link').click()
    await page.getByLabel('Name, variant or number').fill('fail')
    await page.waitForURL('**outcome=FAIL&ordering=tag&search=fail')
    const { body } = await dashboard.client.get(`/jobs/${SAMPLE}/tests/?status=FAIL&search=fail&ordering=tag`)
    await page.locator(`table.tests[aria-rowcount="${body.count + 1}"]`).waitFor()
    const { names, ...rest } = await lookAtTests(page)
    expect(names).toEqual(body.results.map(({ tag }: { tag: string }) => tag))
    expect(rest).toEqual({ search: 'fail', outcome: [expect.stringMatching(/^Fail \d+$/)], sorted: ['Test'] })
    await expectKept(page, lookAtTests)

    await link(page, 'Environment').click()
    await page.waitForURL('**tab=environment')
    await page.getByRole('heading', { name: /components/ }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: /components/ }).waitFor()
    expect(await page.locator('.tabs [aria-current=page]').allTextContents()).toEqual(['Environment '])
    await page.goBack()
    await page.locator('table.tests').waitFor()
    expect((await lookAtTests(page)).search).toBe('fail')
  })

  test('test: the tab and the file are in the address', async () => {
    const page = await dashboard.open(`/jobs/${SAMPLE}/tests/2`)
    await page.getByText('Traceback (most recent call last)').first().waitFor()
    await link(page, 'Files').click()
    await page.waitForURL('**tab=files')
    await page.locator('table.files').waitFor()
    const look = async (page: Page) => page.locator('table.files tbody tr').first().textContent()
    await expectKept(page, look)
    await link(page, 'whiteboard').click()
    await page.waitForURL('**tab=log&file=whiteboard')
    const lookAtFile = async (page: Page) => {
      await page
        .locator('section[aria-label="Log whiteboard"]')
        .getByText('1 line', { exact: true })
        .waitFor()
      return {
        file: await page.getByLabel('File').inputValue(),
        lines: await page.locator('.log-row').allTextContents(),
      }
    }
    await expectKept(page, lookAtFile)
    await page.goBack()
    await page.locator('table.files').waitFor()
    await page.goBack()
    await page.locator('section[aria-label="Log debug.log"]').waitFor()
  })

  test('back and forward lead through views and filters', async () => {
    const page = await dashboard.open('/overview')
    await link(page, 'All jobs').click()
    await heading(page, 'Jobs')
    await page.getByRole('group', { name: 'Status' }).getByRole('link', { name: 'Warn' }).click()
    await page.waitForURL('**status=WARN')
    await page.getByRole('group', { name: 'Status' }).getByRole('link', { name: 'Error' }).click()
    await page.waitForURL('**status=WARN%2CERROR')
    await settled(page)
    const job = page.locator('table.jobs .row-link').first()
    const name = (await job.textContent()) ?? ''
    await job.click()
    await heading(page, name)
    await page.locator('table.tests .row-link').first().click()
    await page.getByRole('navigation', { name: 'Parts of the test' }).waitFor()
    const test = path(page)

    await page.goBack()
    await heading(page, name)
    await page.goBack()
    await heading(page, 'Jobs')
    await page.waitForURL('**/dashboard/jobs?status=WARN%2CERROR')
    await page.goBack()
    await page.waitForURL('**/dashboard/jobs?status=WARN')
    await page.goBack()
    await page.waitForURL('**/dashboard/jobs')
    expect(await page.locator('.filters [aria-current=true]').count()).toBe(0)
    await page.goBack()
    await page.getByRole('heading', { name: 'Newest jobs' }).waitFor()
    for (let step = 0; step < 5; step++) await page.goForward()
    await page.getByRole('navigation', { name: 'Parts of the test' }).waitFor()
    await page.waitForURL(`**/dashboard${test}`)
  })

  test('without a mouse: from the address to the log of a failing test', async () => {
    const page = await dashboard.open('/overview')
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    await page.getByRole('heading', { name: 'Newest jobs' }).waitFor()
    await press('Tab')
    const skip = link(page, 'Skip to the content')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    expect((await skip.boundingBox())?.y).toBeGreaterThanOrEqual(0)
    await press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')

    await press('g', 'j')
    await heading(page, 'Jobs')
    await settled(page)
    await press('/')
    await page.keyboard.type(SAMPLE)
    await page.waitForURL(`**search=${SAMPLE}`)
    await page.getByText('1–1 of 1').waitFor()
    await press('Escape', 'j', 'Enter')
    await page.waitForURL(`**/jobs/${SAMPLE_ID}`)
    await page.locator('table.tests .row-link').first().waitFor()
    await press('/')
    await page.keyboard.type('failtest.py')
    await page.waitForURL('**search=failtest.py')
    await page.locator('table.tests[aria-rowcount="2"] tr', { hasText: 'failtest.py' }).waitFor()
    await press('Escape', 'j', 'j', 'k', 'Enter')
    await heading(page, /failtest\.py:FailTest\.test/)
    await page.getByText('Traceback (most recent call last)').first().waitFor()

    await press('?')
    const help = page.getByRole('dialog', { name: 'Keyboard' })
    await help.getByText('next and previous hit in a log').waitFor()
    await press('g', 'j', 'Escape')
    await help.waitFor({ state: 'detached' })
    await heading(page, /failtest\.py/)
    await press('g', 'o')
    await page.getByRole('heading', { name: 'Newest jobs' }).waitFor()
    await press('g', 'a')
    await page.waitForURL('**/dashboard/api/')
    await press('g', 'x', 'j')
    expect(path(page)).toBe('/api/')
  })

  test('Enter opens the chosen row, whatever had the focus before', async () => {
    const page = await dashboard.open(`/jobs?search=${SAMPLE}`)
    await settled(page)
    for (const key of ['Tab', 'Enter', 'j', 'Enter']) await page.keyboard.press(key)
    await page.waitForURL(`**/jobs/${SAMPLE_ID}`)
    await page
      .locator('.choices')
      .getByRole('link', { name: /^Warn / })
      .focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**outcome=WARN')
    await page.locator('tr[aria-rowindex="2"]', { hasText: 'Warn' }).waitFor()
    for (const key of ['j', 'Enter']) await page.keyboard.press(key)
    await page.waitForURL('**/tests/*')
  })

  test('what has the focus is to be seen, wherever Tab leads', async () => {
    for (const place of ['/overview', '/jobs', `/jobs/${SAMPLE}`, `/jobs/${SAMPLE}/tests/2`]) {
      const page = await dashboard.open(place)
      await page.locator('table, .log-row').first().waitFor()
      for (let step = 0; step < 30; step++) {
        await page.keyboard.press('Tab')
        const seen = await page.evaluate(`(() => {
          const element = document.activeElement
          const { outlineStyle, outlineWidth } = getComputedStyle(element)
          const box = element.getBoundingClientRect()
          return {
            outline: element === document.body ? 'none needed' : outlineStyle + ' ' + outlineWidth,
            isInWindow: element === document.body || (box.bottom > 0 && box.top < innerHeight && box.width > 0),
            element: element.outerHTML.slice(0, 200),
          }
        })()`)
        expect(seen).toMatchObject({
          outline: expect.stringMatching(/^(solid 2px|auto|none needed)/),
          isInWindow: true,
        })
      }
      await page.close()
    }
  })

  test('the whole id of a job is copied', async () => {
    const permissions = ['clipboard-read', 'clipboard-write']
    const page = await dashboard.open(`/jobs?search=${SAMPLE}`, { permissions })
    const row = page.getByRole('row').filter({ hasText: SAMPLE })
    const copy = row.getByRole('button', { name: 'Copy the whole id' })
    await copy.waitFor()
    // It says so for a moment only, which might pass unseen from here.
    await page.evaluate(`
      window.said = []
      const button = document.querySelector('table.jobs [aria-label="Copy the whole id"]')
      new MutationObserver(() => said.push(button.ariaLabel)).observe(button, { attributes: true })`)
    await copy.click()
    await waitUntil('Copied', () => page.evaluate('said.includes("Copied")'))
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(SAMPLE_ID)
    await row.getByRole('button', { name: 'Copy the whole id' }).waitFor()
    await page.waitForURL(`**/dashboard/jobs?search=${SAMPLE}`)
  })

  test('the colours that were chosen stay, and the system decides where none were', async () => {
    const page = await dashboard.open('/jobs', { colorScheme: 'dark' })
    const background = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const shown = (name: string) => page.getByRole('button', { name: `Colours: ${name}` })
    await shown('system').waitFor()
    const dark = await background()
    await shown('system').click()
    await shown('light').waitFor()
    const light = await background()
    expect(light).not.toBe(dark)
    await page.reload()
    await shown('light').waitFor()
    expect(await background()).toBe(light)
    await shown('light').click()
    await shown('dark').waitFor()
    await page.emulateMedia({ colorScheme: 'light' })
    await page.reload()
    await shown('dark').waitFor()
    expect(await background()).toBe(dark)
    await shown('dark').click()
    await shown('system').waitFor()
    expect(await background()).toBe(light)
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.reload()
    await shown('system').waitFor()
    expect(await background()).toBe(dark)
  })

  test('a job, a test and a view that are not there are missed in a sentence', async () => {
    const sentences = {
      '/jobs/nothing': 'There is no job nothing on this server: it may have been deleted.',
      [`/jobs/${SAMPLE}/tests/999999`]:
        'There is no such test on this server: it may have been deleted with its job.',
      '/jobs/nothing/tests/1': 'There is no such test on this server: it may have been deleted with its job.',
      '/nothing': 'No view has this address. Triage is where to begin.',
      '/jobs?search=nothing-is-like-this': 'No job is like this. Show all jobs',
    }
    for (const [place, sentence] of Object.entries(sentences)) {
      const page = await dashboard.open(place)
      await page.locator('main').getByText(sentence).waitFor()
      await page.close()
    }
    await dashboard.expectComplaints(/status of 404/, 3)
  })

  test('how to run a job again is shown as a shell reads it', async () => {
    const page = await dashboard.open(`/jobs/${SAMPLE}?tab=again`)
    const { body } = await dashboard.client.get(`/jobs/${SAMPLE}/files/jobdata/cmdline`)
    // Neither quotes nor backslashes in this one.
    const words: string[] = JSON.parse(body.replaceAll("'", '"'))
    await page.getByText('The same command').waitFor()
    const [command, replay, failed] = await commands(page)
    expect(command).toBe(words.join(' '))
    expect(replay).toBe(`avocado replay ${SAMPLE}`)
    expect(failed).toStartWith('avocado run ')
    expect(failed).toContain(' failtest.py:FailTest.test')

    const other = await dashboard.open('/jobs/9999999?tab=again')
    await other.getByText('The same command').waitFor()
    const [quoted] = await commands(other)
    const { stdout } = await dashboard.folder.shell(`printf '[%s]' ${quoted}`)
    expect(stdout).toBe(String.raw`[avocado][run][-p][it's=$HOME *][a\b]`)
  })
})

describe('an empty server', () => {
  const dashboard = withDashboard(async () => {})

  needing('chromium', 'curl')(
    'the commands are for this server, and the one with curl pushes a job that is there at once',
    async () => {
      const page = await dashboard.open('/')
      await heading(page, 'Push the first job')
      const shown = await commands(page)
      const { host } = new URL(dashboard.origin)
      expect(shown.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
        'curl -u',
        'avocado run',
        'avocado run',
        'avocado-server upload',
      ])
      for (const command of shown) expect(command).toContain(host)

      await page.getByText('Live').waitFor()
      const curl = shown[0]?.replace('PASSWORD', `'${PASSWORD}'`) ?? ''
      const { code, stdout } = await dashboard.folder.shell(`${curl} --silent --show-error --fail`)
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ number: 1, description: 'My first job' })
      await page.locator('.cause', { hasText: 'failtest.py:FailTest.test' }).waitFor()
      await link(page, 'Overview').click()
      await link(page, 'My first job').first().waitFor() // it stands among the newest, and as the job of the last failure
      await page.locator('.failing').getByRole('link', { name: 'failtest.py:FailTest.test' }).waitFor()
      expect(await page.locator('.tile-value').first().textContent()).toBe('1')
    },
  )
})
