// Two jobs compared, as a person does it: from a job, by reason, with what changed on the machine.

import { expect } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { allViolations } from '../support/accessible'
import { expectWithinWidth, test, withDashboard } from '../support/browser'
import { makeComparedJobs } from '../support/compared-jobs'

const dashboard = withDashboard(async ({ client }) => {
  await makeComparedJobs(client)
})

/** Looked at by whoever changes the page; nothing compares them. */
const screenshots = resolve(import.meta.dir, '../../dist/screenshots')
mkdirSync(screenshots, { recursive: true })

test('one click from a job: what broke since the job before, by reason, beside what changed', async () => {
  const page = await dashboard.open('/jobs/night-4')
  await page.getByRole('link', { name: 'Compare' }).click()
  await page.getByRole('heading', { name: /^3 tests broke between/ }).waitFor()
})

test('seen in four widths, light and dark, and axe finds nothing', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await dashboard.open('/compare?job=night-4&base=last_good&file=sysinfo/pre/cmdline', {
      colorScheme,
      reducedMotion: 'reduce',
    })
    await page.getByText('mitigations=off').first().waitFor()
    for (const width of [1440, 1000, 768, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
      await expectWithinWidth(page)
      expect(await allViolations(page)).toEqual([])
      await page.screenshot({
        path: join(screenshots, `compare-${colorScheme}-${width}.png`),
        fullPage: true,
      })
    }
  }
})
