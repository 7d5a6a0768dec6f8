// The pages of the dashboard, in Chromium: when something is seen, for how long the page does not answer, what it
// transfers, and how soon it shows a change.

import type { Browser, BrowserContext, CDPSession } from 'playwright-core'
import { Folder } from '../../test/support/binary'
import { launchChromium, makeJobs, PASSWORD, uploadSamples } from '../../test/support/browser'
import { Client } from '../../test/support/client'
import { measureLive } from './live'
import { quick } from './options'
import { median, print, spread } from './table'
import { CATEGORIES, paintsOf, type TraceEvent } from './trace'

const LOADS = quick ? 2 : 5
const JOBS = 2000
const SLOW = 4
const QUIET_MS = 500
const PATIENCE_MS = 20_000
const BIG_JOB = '3a27e08'

/** Each with what it is opened for. */
const pages = [
  { name: 'overview', path: '/overview', shown: '.failing li' },
  { name: 'jobs', path: '/jobs', shown: 'tbody tr:nth-child(25)' },
  { name: 'job, 360 tests', path: `/jobs/${BIG_JOB}`, shown: 'tbody .row-link' },
  { name: 'test with its log', path: '/jobs/aa0d4a7/tests/2', shown: '.log-row' },
]

export async function measurePages(): Promise<void> {
  using folder = new Folder()
  await folder.setUp(PASSWORD)
  await using server = await folder.serve(['--open'])
  const { origin } = server
  await uploadSamples({ origin })
  await makeJobs({ client: new Client(origin) }, JOBS)
  const browser = await launchChromium()
  try {
    const lines: string[][] = []
    for (const { name, path, shown } of pages) {
      const url = `${origin}/dashboard${path}`
      lines.push(await rowOf(name, () => loadTwice(browser, url, shown, 1)))
      lines.push(await rowOf(`${name}, CPU ${SLOW}x slower`, () => loadTwice(browser, url, shown, SLOW)))
    }
    console.log(
      `\nPages: ${LOADS} loads each with an empty cache; "again" is a second load with a filled one\n`,
    )
    print([['page', 'first paint', 'largest paint', 'blocked', 'transferred', 'again'], ...lines])
    await measureLive(browser, origin)
  } finally {
    await browser.close()
  }
}

type Load = Awaited<ReturnType<typeof loadTwice>>

async function rowOf(name: string, load: () => Promise<Load>): Promise<string[]> {
  const loads: Load[] = []
  for (let run = 0; run < LOADS; run++) loads.push(await load())
  const of = (figure: (load: Load) => number) => loads.map(figure)
  const transferred = ({ bytes, requests }: Transfer) =>
    `${(bytes / 1024).toFixed(1)} KiB, ${requests} requests`
  const typical = (which: 'first' | 'again') => ({
    bytes: median(of((load) => load[which].bytes)),
    requests: median(of((load) => load[which].requests)),
  })
  return [
    name,
    `${spread(of(({ firstPaint }) => firstPaint))} ms`,
    `${spread(of(({ largestPaint }) => largestPaint))} ms`,
    `${spread(of(({ blocked }) => blocked))} ms`,
    transferred(typical('first')),
    transferred(typical('again')),
  ]
}

/** Loads a page traced and with an empty cache, then once more for what that transfers. */
async function loadTwice(browser: Browser, url: string, shown: string, slowdown: number) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  try {
    const page = await context.newPage()
    const session = await sessionOf(context, page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    const first = followTransfer(session)
    await browser.startTracing(page, { categories: CATEGORIES })
    await page.goto(url)
    await first.quiet(shown)
    const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
    const paints = paintsOf(trace.traceEvents, url)
    await page.goto('about:blank')
    const again = followTransfer(session)
    await page.goto(url)
    await again.quiet(shown)
    return { ...paints, first: first.transfer, again: again.transfer }
  } finally {
    await context.close()
  }
}

async function sessionOf(context: BrowserContext, page: Parameters<BrowserContext['newCDPSession']>[0]) {
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  return session
}

interface Transfer {
  /** With the headers of the answers. */
  bytes: number
  /** Those that went to the server. */
  requests: number
}

/** Counts what is transferred from now on, until the page is quiet; the stream of events, which never ends, apart. */
function followTransfer(session: CDPSession) {
  const transfer: Transfer = { bytes: 0, requests: 0 }
  const underWay = new Set<string>()
  let changedAt = performance.now()
  let isOver = false
  const note = () => {
    changedAt = performance.now()
  }
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (isOver || new URL(request.url).pathname === '/events/') return
    underWay.add(requestId)
    note()
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (!underWay.delete(requestId)) return
    note()
    transfer.bytes += encodedDataLength
    if (encodedDataLength > 0) transfer.requests++
  })
  session.on('Network.loadingFailed', ({ requestId }) => {
    if (underWay.delete(requestId)) note()
  })
  return {
    transfer,
    /**
     * Waits until the page shows what it is opened for and for half a second no request was under way. It is looked
     * for by an expression of a few bytes: Playwright's own way runs a script of its own in the page, for tens of
     * milliseconds that would count as the page's.
     */
    async quiet(shown: string) {
      const expression = `document.querySelector(${JSON.stringify(shown)}) !== null`
      const giveUpAt = performance.now() + PATIENCE_MS
      for (let isShown = false; !isShown || underWay.size > 0 || performance.now() - changedAt < QUIET_MS; ) {
        if (performance.now() > giveUpAt) throw new Error(`${shown} did not appear`)
        await Bun.sleep(100)
        isShown = (await session.send('Runtime.evaluate', { expression })).result.value === true
      }
      isOver = true
    },
  }
}
