// Looks at a page in the widths of a desk, a small window, a tablet and a phone. Pictures are left in dist/screenshots for
// whoever changes the page; nothing compares them.

import { expect } from 'bun:test'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { allViolations } from './accessible'
import { expectWithinWidth } from './browser'

const screenshots = resolve(import.meta.dir, '../../dist/screenshots')

export const widths = [1440, 1000, 768, 390]

/** Two frames: what follows the window or its colours, as the chart does, is drawn by then. */
const drawn = (page: Page) =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')

/**
 * Takes a picture in each of the widths. Nothing may stand out at the side. Leaves the window as wide as the last.
 *
 * @param options.fullPage  also of what is below the window.
 */
export async function look(
  page: Page,
  name: string,
  { inWidths = widths, fullPage = false }: { inWidths?: readonly number[]; fullPage?: boolean } = {},
): Promise<void> {
  for (const width of inWidths) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
    await expectWithinWidth(page)
    await drawn(page)
    await page.screenshot({ path: join(screenshots, `${name}-${width}.png`), fullPage })
  }
}

/** Looks at the page in all widths, and axe finds nothing in any. */
export async function expectReadable(page: Page, name: string): Promise<void> {
  for (const width of widths) {
    await look(page, name, { inWidths: [width], fullPage: true })
    expect([name, width, await allViolations(page)]).toEqual([name, width, []])
  }
}
