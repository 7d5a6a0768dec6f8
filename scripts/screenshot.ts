// Takes the picture of the README: `bun run screenshot`. It shows the executable with jobs of real Avocado and some
// hundred made up ones.

import { join } from 'node:path'
import { Folder } from '../test/support/binary'
import { launchChromium, makeJobs, PASSWORD, uploadSamples } from '../test/support/browser'
import { Client } from '../test/support/client'

const picture = join(import.meta.dir, '../docs/dashboard.png')

using folder = new Folder()
await folder.setUp(PASSWORD)
await using server = await folder.serve(['--open'])
await uploadSamples(server)
await makeJobs({ client: new Client(server.origin) }, 400)
const browser = await launchChromium()
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(`${server.origin}/dashboard/`)
  await page.locator('.failing li').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: picture })
} finally {
  await browser.close()
}
