// What axe finds on a page as it is now: in its width, its colours, and with what is open in it.

import axe from 'axe-core'
import type { Page } from 'playwright-core'

/**
 * The rules that are broken, worst example first. Only these leave the page: what axe tells of all that is well took
 * longer to write down than to find out.
 */
export async function violationsOf(page: Page, options: axe.RunOptions = {}): Promise<axe.Result[]> {
  const isThere = await page.evaluate<boolean>('"axe" in window')
  if (!isThere) await page.evaluate(axe.source)
  const run = JSON.stringify({ ...options, resultTypes: ['violations'] })
  return page.evaluate<axe.Result[]>(`axe.run(${run}).then(({ violations }) => violations)`)
}

/** What is wrong at all, with three examples of each. */
export async function allViolations(page: Page): Promise<string[]> {
  const violations = await violationsOf(page, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'target-size': { enabled: true }, 'link-in-text-block': { enabled: true } },
  })
  return violations.map(({ id, nodes }) => {
    const examples = nodes.slice(0, 3).map(({ html }) => html)
    return `${id}: ${examples.join(' | ')}`
  })
}

/** What keeps somebody from using the page. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const violations = await violationsOf(page)
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}
