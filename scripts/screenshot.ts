// Takes the picture of the README: `bun run screenshot`. It shows the executable in the morning of a made-up lab, in which
// three tests have begun to fail.

import { join } from 'node:path'
import { Folder } from '../test/support/binary'
import { launchChromium, PASSWORD } from '../test/support/browser'
import { Client } from '../test/support/client'
import { loadMorningLab, makeMorningLab } from '../test/support/labs/morning'
import { untilAnalysed } from '../test/support/settled'

const picture = join(import.meta.dir, '../docs/dashboard.png')
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The last night was over at six. */
const end = Math.floor((Date.now() - 6 * HOUR_MS) / DAY_MS) * DAY_MS + 6 * HOUR_MS

using folder = new Folder()
await folder.setUp(PASSWORD)
await using server = await folder.serve(['--open'])
const client = new Client(server.origin).as('admin', PASSWORD)
await loadMorningLab(client, makeMorningLab({ end }))
await untilAnalysed(client)
const browser = await launchChromium()
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC' })
  await page.goto(`${server.origin}/dashboard/`)
  await page.locator('.cause-toggle').first().click()
  await page.locator('.cause-body tbody tr').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.mouse.move(0, 0)
  await page.screenshot({ path: picture })
} finally {
  await browser.close()
}
