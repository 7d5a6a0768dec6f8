// What lists and the overview tell of jobs and tests: what is known, of what, and that the rest is unknown.

import { expect } from 'bun:test'
import type { Page } from 'playwright-core'
import { formatDuration } from '../../src/dashboard/page/format'
import { makeJobs, signIn, test, waitUntil, withSamples } from '../support/browser'

const HOUR_MS = 3_600_000
const MANY = 1200
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString()

const dashboard = withSamples(async (started) => {
  await makeJobs(started, 60)
  const jobs = [
    {
      id: 'no-status',
      description: 'a job that was given no status',
      time: ago(0.1),
      labels: { host: 'rack7', tag: ['nightly', 'arm'] },
      tests: [
        { tag: '1-a.py:A.test_works', status: 'PASS', elapsed_time: 0.001 },
        { tag: '2-b.py:B.test_breaks', status: 'FAIL', elapsed_time: 1.5 },
        { tag: '3-c.py:C.test_is_left_out', status: 'SKIP' },
        { tag: '4-d.py:D.test_runs' },
      ],
    },
    { id: 'nothing', description: 'a job without anything', time: ago(0.2), tests: [] },
    { id: 'broke', description: 'rack1 at night', time: ago(3), tests: [flip('FAIL')], elapsed_time: 60 },
    ...Array.from({ length: 9 }, (_, index) => ({
      id: `flip-${index}`,
      time: ago(10 + index),
      tests: [flip('ERROR')],
      elapsed_time: 60,
    })),
    { id: 'works', description: 'rack2 at night', time: ago(2), tests: [flip('PASS')], elapsed_time: 60 },
    { id: 'older', description: 'an older job', time: ago(50), tests: [], elapsed_time: 60 },
    { id: 'oldest', description: 'of another year', time: ago(24 * 400), tests: [], elapsed_time: 60 },
    {
      id: 'many',
      description: 'many tests',
      time: ago(5),
      elapsed_time: 60,
      tests: Array.from({ length: MANY }, (_, index) => ({
        tag: `${index + 1}-many.py:Many.test_${index + 1}`,
        status: 'PASS',
      })),
    },
  ]
  for (const job of jobs) {
    const reply = await started.client.post('/jobs/', job)
    if (reply.status !== 201) throw new Error(`${job.id}: ${reply.status} ${JSON.stringify(reply.body)}`)
  }
})

function flip(status: string) {
  return { tag: '1-flip.py:Flip.test_flip', status, elapsed_time: 1 }
}

const row = (page: Page, text: string) => page.locator('table.jobs tbody tr', { hasText: text })
const open = async (path: string) => {
  const page = await dashboard.open(path)
  await page.locator('tbody tr').first().waitFor()
  return page
}
const textOf = async (page: Page, term: string) =>
  (await page
    .locator('.facts div', { hasText: new RegExp(`^${term}`) })
    .locator('dd')
    .textContent()) ?? ''
const widthOf = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element: { clientWidth: number }) => element.clientWidth)

test('the description has room in every width, as a card where columns would be narrow', async () => {
  for (const path of ['/overview', '/jobs']) {
    const page = await open(path)
    for (const width of [390, 481, 761, 900, 1000, 1001, 1100, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      expect([path, width, (await widthOf(page, 'table.jobs td.wide')) >= 150]).toEqual([path, width, true])
      const display = await page.evaluate(
        "getComputedStyle(document.querySelector('table.jobs tbody tr')).display",
      )
      const isCard = await page.locator('table.jobs thead').isHidden()
      expect([path, width, isCard, display]).toEqual([
        path,
        width,
        width <= 1000,
        width <= 1000 ? 'flex' : 'table-row',
      ])
    }
  }
})

test('jobs that are cards are sorted by a choice, which is not there where the columns are', async () => {
  const page = await open('/jobs')
  await page.getByLabel('Sort').waitFor({ state: 'hidden' })
  await page.setViewportSize({ width: 900, height: 900 })
  await page.getByLabel('Sort').selectOption('Most failures first')
  await page.waitForURL('**ordering=-failures')
  const { body } = await dashboard.client.get('/jobs/?ordering=-failures&omit=tests,activities')
  await page
    .locator('table.jobs tbody tr')
    .first()
    .filter({ hasText: body.results[0].id.slice(0, 7) })
    .waitFor()
})

test('a job that was given no status shows the worst of its tests, and that it is theirs', async () => {
  const page = await open('/jobs')
  expect(await row(page, 'a job that was given no status').locator('td').first().textContent()).toBe(
    'Fail tests',
  )
  expect(await row(page, 'a job without anything').locator('td').first().textContent()).toBe('No status')
  await page.getByRole('link', { name: 'a job that was given no status' }).click()
  const head = page.locator('.view-head')
  await head.getByText('is the worst of its tests: the job was given no status').waitFor()
  expect(await head.locator('.status').textContent()).toBe('Fail')
})

test('lists tell how many tests failed', async () => {
  for (const path of ['/overview', '/jobs']) {
    const page = await open(path)
    const failures = row(page, 'a job that was given no status').locator('.failure-count')
    expect(await failures.textContent()).toBe('1 failed')
    expect(await row(page, 'a job without anything').locator('.failure-count').textContent()).toBe('')
  }
})

test('what is more than a day ago has a date, and its year where that is another', async () => {
  const page = await open('/jobs?ordering=time')
  const time = (text: string) => row(page, text).locator('time').textContent()
  const { body } = await dashboard.client.get('/jobs/older/')
  const { weekday, day, hour } = await partsOf(page, body.time)
  expect((await time('an older job'))?.slice(0, -3)).toBe(`${weekday} ${day} ${hour}`)
  expect(await time('of another year')).toMatch(/^\d{1,2} [A-Z][a-z]{2} 20\d\d \d\d:\d\d$/)
  const recent = await open('/jobs')
  expect(await row(recent, 'rack1 at night').locator('time').textContent()).toMatch(/^\d+ (hr|min)\. ago$/)
})

/** As the browser's zone has it. */
function partsOf(page: Page, time: string) {
  return page.evaluate(`(() => {
    const date = new Date('${time}')
    const format = (options) => new Intl.DateTimeFormat('en', options).format(date)
    return {
      weekday: format({ weekday: 'short' }),
      day: date.getDate() + ' ' + format({ month: 'short' }),
      hour: String(date.getHours()).padStart(2, '0'),
    }
  })()`) as Promise<{ weekday: string; day: string; hour: string }>
}

test('a duration that nobody told is unknown, and a very short one is not nothing', async () => {
  const page = await open('/jobs')
  expect(await row(page, 'a job that was given no status').locator('td.end').first().textContent()).toBe(
    'unknown',
  )
  await page.goto(`${dashboard.origin}/dashboard/jobs/no-status`)
  await page.locator('table.tests .row-link').first().waitFor()
  expect(await textOf(page, 'Duration')).toBe('unknown')
  const durations = await page.locator('table.tests td.end').allTextContents()
  expect(durations).toEqual(['1.50 s', 'unknown', 'unknown', '< 0.01 s'])
  await page.getByRole('link', { name: 'test_runs' }).click()
  await page.getByRole('heading', { level: 1, name: 'd.py:D.test_runs' }).waitFor()
  expect(await textOf(page, 'Duration')).toBe('unknown')
  expect(await textOf(page, 'Started')).toBe('unknown')
})

test('the pass rate says what it counts, and what it does not', async () => {
  const page = await open('/jobs/no-status')
  expect(await textOf(page, 'Pass rate')).toBe(
    '50.0 % of the 2 tests that ran; not counted: 1 skipped, 1 not ended',
  )
  // Avocado gave up here: the tests that it had not begun are counted by the job alone.
  await page.goto(`${dashboard.origin}/dashboard/jobs/dd56aa9`)
  await page.locator('table.tests .row-link').first().waitFor()
  const { body: job } = await dashboard.client.get('/jobs/dd56aa9/?include=outcomes&omit=tests')
  const { PASS, FAIL, ERROR, WARN } = job.outcomes
  const ran = PASS + FAIL + ERROR + WARN
  const rate = `${((PASS * 100) / ran).toFixed(1)} % of the ${ran === 1 ? 'test' : `${ran} tests`} that ran`
  expect(job.not_started).toBeGreaterThan(0)
  expect(await textOf(page, 'Pass rate')).toStartWith(rate)
  expect(await textOf(page, 'Pass rate')).toContain(`${job.not_started} never started`)
  // As published: of all tests that the job has.
  expect((await dashboard.client.get('/jobs/no-status/passrate/')).body).toEqual({ passrate: 25 })

  await page.goto(`${dashboard.origin}/dashboard/overview`)
  const tile = page.locator('.tile', { hasText: 'Pass rate' })
  const { body: statistics } = await dashboard.client.get('/statistics/')
  const tests = new Intl.NumberFormat('en').format(statistics.last_24_hours.ran)
  await tile.getByText(`of the ${tests} tests that ran`).waitFor()
  await page.locator('figcaption', { hasText: /% of the [\d,]+ that ran passed/ }).waitFor()
})

test('what fails most tells its last failure and in which job, and only then how its newest run went', async () => {
  const page = await dashboard.open('/overview')
  const item = page.locator('.failing li', { hasText: 'flip.py:Flip.test_flip' })
  await item.waitFor()
  expect(await item.locator('.numbers').textContent()).toBe('10 of 11 failed')
  const [failure, newest] = await item.locator('.failing-run').allTextContents()
  expect(failure).toMatch(/^Fail .* in rack1 at night$/)
  expect(newest).toMatch(/^newest run: Pass .* in rack2 at night$/)
  expect(await item.locator('.status').allTextContents()).toEqual(['Fail'])
  await item.getByRole('link', { name: 'rack2 at night' }).click()
  await page.getByRole('heading', { level: 1, name: 'rack2 at night' }).waitFor()
})

test('the chart tells the numbers that are pointed at, by mouse and by keyboard', async () => {
  const page = await dashboard.open('/jobs')
  // What the page was told, and not what it would be told now: the day may be another one.
  const answer = page.waitForResponse(/\/statistics\/history\//)
  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  const body = await (await answer).json()
  await page.locator('.plot canvas').waitFor()
  const last = body.results.at(-1)
  const ran = last.passed + last.errored + last.failed + last.warned
  const tests = last.passed + last.errored + last.failed + last.not_applicable + last.warned + last.unfinished
  // Shortly after midnight the last day has but one job, or none.
  const numbers = `${new Intl.NumberFormat('en').format(tests)} tests in ${last.jobs} ${last.jobs === 1 ? 'job' : 'jobs'}`
  const tip = page.locator('.plot-tip')
  expect(await tip.count()).toBe(0)

  const over = (await page.locator('.plot .u-over').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  await page.mouse.move(over.x + over.width - 5, over.y + 60)
  await tip.getByText(numbers).waitFor()
  if (ran > 0) await tip.getByText('that ran passed').waitFor()
  await page.mouse.move(over.x + over.width / 2, over.y + over.height + 60)
  await tip.waitFor({ state: 'detached' })

  const slider = page.getByRole('slider')
  await slider.focus()
  await tip.getByText(numbers).waitFor()
  const count = body.results.length
  expect(await slider.getAttribute('aria-valuenow')).toBe(`${count - 1}`)
  await page.keyboard.press('ArrowLeft')
  await page.locator(`.plot[aria-valuenow="${count - 2}"]`).waitFor()
  expect(await slider.getAttribute('aria-valuetext')).toMatch(
    /^\w{3}, \w{3} \d{1,2}: [\d,]+ tests, [\d.]+ % passed$/,
  )
  await page.keyboard.press('End')
  await page.locator(`.plot[aria-valuenow="${count - 1}"]`).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/dashboard/jobs?after=**')
})

test('the chart has a table with the same numbers, each with its jobs; the address has the choice', async () => {
  const page = await dashboard.open('/overview?range=7d')
  await page.getByRole('link', { name: 'As a table' }).click()
  const table = page.getByRole('table', { name: /^Pass rate and number of tests/ })
  await table.waitFor()
  expect(new URL(page.url()).search).toBe('?range=7d&view=table')
  const counts = await table.locator('tbody tr td:nth-child(3)').allTextContents()
  const sum = counts.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0)
  await table.locator('tbody tr', { hasText: '%' }).first().getByRole('link').click()
  await page.waitForURL('**/dashboard/jobs?after=**')
  await page.goBack()
  await page.getByRole('link', { name: 'As a chart' }).click()
  await page
    .locator('figcaption', { hasText: `${new Intl.NumberFormat('en').format(sum)} tests; ` })
    .waitFor()
})

test('a page that a list does not have offers page 1', async () => {
  const page = await dashboard.open('/jobs?page=999&search=nightly')
  await signIn(page)
  for (const path of [
    '/jobs?page=999&search=nightly',
    '/users?page=999',
    '/audit?page=0',
    '/account?page=x',
  ]) {
    await page.goto(`${dashboard.origin}/dashboard${path}`)
    const { searchParams } = new URL(page.url())
    await page.getByText(`The list has no page ${searchParams.get('page')}.`).waitFor()
    await page.getByRole('link', { name: 'Show page 1' }).click()
    await page.locator('.answer:not([data-stale]) tbody tr, .notice').first().waitFor()
    expect(new URL(page.url()).searchParams.get('page')).toBe(null)
    await page.getByText('The list has no page').waitFor({ state: 'detached' })
  }
  await dashboard.expectComplaints(/status of 404/, 5)
})

test('the row that was chosen before going back is chosen again', async () => {
  const page = await open('/jobs')
  const chosen = page.locator('tr[aria-selected=true]')
  for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key)
  const text = await chosen.locator('.row-link').textContent()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/dashboard/jobs/*')
  await page.goBack()
  await chosen.filter({ hasText: text ?? '' }).waitFor()
  expect(await chosen.count()).toBe(1)
  // From there on.
  await page.keyboard.press('j')
  await page.locator('table.jobs tbody tr:nth-child(3)[aria-selected=true]').waitFor()

  // With the mouse, and where a new job has come on top meanwhile.
  await row(page, 'rack1 at night').getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: 'rack1 at night' }).waitFor()
  await dashboard.client.post('/jobs/', { description: 'it came meanwhile', status: 'PASS' })
  await page.goBack()
  await row(page, 'it came meanwhile').waitFor()
  await chosen.filter({ hasText: 'rack1 at night' }).waitFor()
})

test('the chosen one of many tests is chosen and seen again', async () => {
  const page = await open('/jobs/many?ordering=tag')
  // In the middle of the window, for rows at the edge of what is drawn may go again.
  await page.locator('tr[data-row]').first().waitFor()
  await page.evaluate(`(() => {
    const height = document.querySelector('tr[data-row]').getBoundingClientRect().height
    const top = document.querySelector('table.tests').getBoundingClientRect().top + scrollY
    scrollTo(0, top + 700 * height - innerHeight / 2)
  })()`)
  const link = page.locator('tr[data-row][aria-rowindex="702"] .row-link')
  await link.waitFor()
  const name = (await link.textContent()) ?? ''
  await page.getByRole('link', { name, exact: true }).click()
  await page.getByRole('navigation', { name: 'Parts of the test' }).waitFor()
  await page.goBack()
  const chosen = page.locator('tr[aria-selected=true]')
  await chosen.filter({ hasText: name }).waitFor()
  await waitUntil('the chosen row is in sight', async () => {
    const box = await chosen.boundingBox()
    return box !== null && box.y > 0 && box.y < 900
  })
  expect(await page.locator('table.tests .row-link').count()).toBeLessThan(200)
})

test('a job on paper has all its tests', async () => {
  const page = await open('/jobs/many?ordering=tag')
  await page.evaluate(`addEventListener('beforeprint', () => {
    window.printed = [...document.querySelectorAll('.printed tbody tr')].map((row) => row.cells[1].textContent)
  })`)
  const pdf = await page.pdf()
  const printed = (await page.evaluate('printed')) as string[]
  expect(printed.length).toBe(MANY)
  expect(new Set(printed).size).toBe(MANY)
  // Some fifty a sheet.
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
  expect(sheets).toBeGreaterThan(MANY / 100)
  expect(await page.locator('.printed tr').count()).toBe(0)

  await page.emulateMedia({ media: 'print' })
  expect(await page.locator('table.tests').isVisible()).toBe(false)
  expect(await page.locator('header.bar').isVisible()).toBe(false)
})

test('on paper a filter holds, too', async () => {
  const page = await open('/jobs/no-status?outcome=FAIL')
  await page.evaluate(`addEventListener('beforeprint', () => {
    window.printed = document.querySelector('.printed tbody').textContent
  })`)
  await page.pdf()
  expect(await page.evaluate('printed')).toBe('Fail2-b.py:B.test_breaks1.50 s')
})

test('the labels of a job stand on its page', async () => {
  const page = await open('/jobs/no-status')
  expect(await textOf(page, 'Labels')).toBe('tag: arm, nightly')
  expect(await textOf(page, 'Host')).toBe('rack7')
})

test('the wall time of a job stands beside the time of its tests', async () => {
  const { body } = await dashboard.client.get('/jobs/?page_size=100&omit=tests,activities')
  const known = body.results.find(({ wall_time }: { wall_time?: number }) => (wall_time ?? 60) < 60)
  const page = await open(`/jobs/${known.id}`)
  await page.locator('table.tests .row-link').first().waitFor()
  expect(await textOf(page, 'Wall time')).toBe(formatDuration(known.wall_time))
  expect(await textOf(page, 'Duration')).toBe(formatDuration(known.elapsed_time))
  const other = await open('/jobs/no-status')
  await other.locator('table.tests .row-link').first().waitFor()
  expect(await other.getByText('Wall time').count()).toBe(0)
})
