// How soon an open page shows that a test has ended.

import type { Browser, Page } from 'playwright-core'
import { Client } from '../../test/support/client'
import { quick } from './options'
import { print, spread } from './table'

const TIMES = quick ? 3 : 10
/** Between two changes, so that each comes alone. */
const PAUSE_MS = 1000

export async function measureLive(browser: Browser, origin: string): Promise<void> {
  const client = new Client(origin)
  const id = 'running-now'
  await client.post('/jobs/', { id, description: 'a job that runs', status: 'RUNNING', time: new Date() })
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const open = async (path: string) => {
    const page = await context.newPage()
    await page.goto(`${origin}/dashboard${path}`)
    await page.locator('.connection-live').waitFor()
    await page.getByText('a job that runs').first().waitFor()
    return page
  }
  const overview = await open('/overview')
  const job = await open(`/jobs/${id}`)
  const delays: Record<'overview' | 'job', number[]> = { overview: [], job: [] }
  for (let count = 1; count <= TIMES; count++) {
    await Bun.sleep(PAUSE_MS)
    const seen = Promise.all([overview, job].map((page) => whenShown(page, `${count} Pass`)))
    const sentAt = Date.now()
    await client.post(`/jobs/${id}/tests/`, { tag: `${count}-live.py:Live.test_${count}`, status: 'PASS' })
    const [onOverview = Number.NaN, onJob = Number.NaN] = await seen
    delays.overview.push(onOverview - sentAt)
    delays.job.push(onJob - sentAt)
  }
  await context.close()
  console.log(`\nFrom the POST of a test that ended to an open page that shows it, ${TIMES} times\n`)
  print([
    ['page', 'after'],
    ['overview', `${spread(delays.overview)} ms`],
    ['job', `${spread(delays.job)} ms`],
  ])
}

/** @returns the time by the clock when a bar of outcomes says this */
async function whenShown(page: Page, label: string): Promise<number> {
  await page.locator(`.outcome-bar[aria-label="${label}"]`).first().waitFor({ state: 'attached' })
  return Date.now()
}
