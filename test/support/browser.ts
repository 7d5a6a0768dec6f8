// The dashboard as a person meets it: the compiled binary, with real jobs in it, in the system's Chromium.

import { afterAll, afterEach, beforeAll, expect } from 'bun:test'
import { cpSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { binary, Folder, type Serving } from './binary'
import { Client } from './client'
import { kept } from './kept'
import { chromiumPath, has, needing } from './needs'

export const PASSWORD = 'correct horse'

/** What does not appear in this time is not there, also on a machine that does much else. */
const PATIENCE_MS = 20_000

/** Chromium heeds the last list alone, so those that Playwright switches off stand here, too. */
const NOT_WANTED = [
  ...[
    'AvoidUnnecessaryBeforeUnloadCheckSync',
    'DestroyProfileOnBrowserClose',
    'HttpsUpgrades',
    'PaintHolding',
  ],
  ...['HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter', 'ThirdPartyStoragePartitioning'],
  ...['AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled'],
  'PreconnectToSearch',
  // Two pages beside each window, for an address bar that nobody sees: a fifth of the time that a window costs.
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'],
]

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
  `--disable-features=${NOT_WANTED.join()}`,
]

/** A test in Chromium, skipped where there is none. */
export const test = needing('chromium')

export function launchChromium(args: string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: [...FLAGS, ...args] })
}

/** One for all files of a process: what a test leaves behind goes with its windows. */
const sharedChromium = kept(
  () => launchChromium(),
  (browser) => browser.close(),
)

/** A server's folder with the samples, made once a process: a copy is there in a fraction of the time. */
const samplesFolder = kept(
  async () => {
    const folder = new Folder()
    await folder.setUp(PASSWORD)
    const serving = await folder.serve()
    await uploadSamples(serving)
    await serving.stop()
    return folder
  },
  (folder) => folder[Symbol.dispose](),
)

export interface Dashboard {
  folder: Folder
  serving: Serving
  browser: Browser
  /** `http://127.0.0.1:PORT` */
  origin: string
  /** Signed in as the administrator `admin`. */
  client: Client
  /**
   * A new window. Whatever it asks of another host, and whatever goes wrong in it, fails the test that opened it.
   *
   * @param path  below /dashboard
   */
  open(path: string, options?: BrowserContextOptions): Promise<Page>
  /**
   * Waits until the windows of this test have complained so many times about what fits the pattern, as Chromium does of
   * each answer that is an error, a moment after the page has it. What fits is expected until the test ends.
   */
  expectComplaints(pattern: RegExp, times?: number): Promise<void>
}

/**
 * Starts the server, and a browser where there is none yet, for all tests of a file. The result is filled in by then.
 *
 * @param options.args  of the server.
 * @param options.samples  whether it begins with the jobs that real Avocado made.
 */
export function withDashboard(
  fill: (dashboard: Dashboard) => Promise<void>,
  { args = [], samples = false }: { args?: string[]; samples?: boolean } = {},
): Dashboard {
  const dashboard = {} as Dashboard
  const complaints: string[] = []
  const expected: RegExp[] = []
  if (!has('chromium')) return dashboard

  beforeAll(async () => {
    const folder = new Folder()
    if (samples) cpSync((await samplesFolder()).path, folder.path, { recursive: true })
    else await folder.setUp(PASSWORD)
    const serving = await folder.serve(args)
    dashboard.folder = folder
    dashboard.serving = serving
    dashboard.origin = serving.origin
    dashboard.client = new Client(serving.origin).as('admin', PASSWORD)
    dashboard.browser = await sharedChromium()
    dashboard.open = async (path, options = {}) => {
      const context = await dashboard.browser.newContext({
        viewport: { width: 1440, height: 900 },
        timezoneId: 'UTC', // where each day has 24 hours
        ...options,
      })
      context.setDefaultTimeout(PATIENCE_MS)
      const page = await context.newPage()
      page.on('request', (request) => {
        const url = new URL(request.url())
        if (url.origin !== dashboard.origin && url.protocol !== 'data:') complaints.push(`asked ${url}`)
      })
      page.on('pageerror', (error) => complaints.push(`error ${error.message}`))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`console ${message.text()}`)
      })
      await page.goto(`${dashboard.origin}/dashboard${path}`)
      return page
    }
    dashboard.expectComplaints = async (pattern, times = 1) => {
      expected.push(pattern)
      const end = performance.now() + PATIENCE_MS
      while (complaints.filter((text) => pattern.test(text)).length < times) {
        if (performance.now() > end)
          throw new Error(`not ${times} times ${pattern}: ${complaints.join('; ')}`)
        await Bun.sleep(20)
      }
    }
    await fill(dashboard)
  })

  afterEach(async () => {
    await Promise.all(dashboard.browser.contexts().map((context) => context.close()))
    const unexpected = complaints.splice(0).filter((text) => !expected.some((pattern) => pattern.test(text)))
    expected.length = 0
    expect(unexpected).toEqual([])
  })

  afterAll(async () => {
    await dashboard.serving.stop()
    dashboard.folder[Symbol.dispose]()
  })
  return dashboard
}

/** As withDashboard, of a server that begins with the jobs that real Avocado made. */
export const withSamples = (fill: (dashboard: Dashboard) => Promise<void>) =>
  withDashboard(fill, { samples: true })

/** Uploads the jobs that real Avocado made, each with its logs. */
export async function uploadSamples({ origin }: Pick<Dashboard, 'origin'>): Promise<void> {
  const samples = `${import.meta.dir}/../fixtures/jobs`
  const folders = [...new Bun.Glob('*/job-*').scanSync({ cwd: samples, onlyFiles: false })].sort()
  expect(folders.length).toBeGreaterThan(5)
  const url = origin.replace('//', `//admin:${encodeURIComponent(PASSWORD)}@`)
  const command = [binary(), 'upload', ...folders.map((name) => `${samples}/${name}`), url]
  const { exitCode, stderr } = Bun.spawnSync(command, { stdout: 'ignore', stderr: 'pipe' })
  if (exitCode !== 0) throw new Error(`upload: ${stderr}`)
}

const DAY_MS = 86_400_000

/** Makes jobs like those of a lab: one every half hour, the newest an hour ago. */
export async function makeJobs({ client }: Pick<Dashboard, 'client'>, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => {
    const tests = Array.from({ length: 8 }, (_, test) => ({
      tag: `${test + 1}-io/disk_${test}.py:Disk.test_${test % 3 === 0 ? 'read' : 'write'};run-${test % 2}`,
      status: (index * 7 + test * 3) % 41 === 0 ? 'FAIL' : (index + test) % 53 === 0 ? 'ERROR' : 'PASS',
      elapsed_time: ((index + test) % 17) / 4,
    }))
    return {
      id: `made-${String(index).padStart(5, '0')}`,
      description: `nightly ${['qemu', 'libvirt', 'kernel', 'virtio'][index % 4]} run ${index}`,
      time: new Date(Date.now() - 3_600_000 - index * (DAY_MS / 48)).toISOString(),
      elapsed_time: 60 + (index % 600),
      status: tests.some(({ status }) => status === 'ERROR')
        ? 'ERROR'
        : tests.some(({ status }) => status === 'FAIL')
          ? 'FAIL'
          : 'PASS',
      tests,
    }
  })
  const reply = await client.request('POST', '/imports/?format=ndjson', {
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
  if (reply.status !== 201) throw new Error(`imports: ${reply.status} ${JSON.stringify(reply.body)}`)
}

/**
 * Waits until something holds. Asked from here, not by waitForFunction: that evaluates text inside the page, whose policy
 * forbids it.
 *
 * @param what  for the failure when it never does.
 */
export async function waitUntil(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not in ${PATIENCE_MS} ms: ${what}`)
    await Bun.sleep(50)
  }
}

/** Waits until nothing stands out at the side: what is drawn, as the chart is, follows the window a moment later. */
export async function expectWithinWidth(page: Page): Promise<void> {
  const isWithin = () => page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')
  await waitUntil(`${page.url()} is as wide as its window`, isWithin)
}

/** Signs in as a person does. */
export async function signIn(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('Username').fill('admin')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}
