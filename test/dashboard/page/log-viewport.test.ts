import { expect, test } from 'bun:test'
import { ROW_PIXELS, Viewport } from '../../../src/dashboard/page/log/viewport'

test('a link leads to its line although the page was not told yet how many there are', () => {
  const viewport = new Viewport()
  viewport.height.value = 600
  viewport.reveal(199, 400)
  expect(viewport.top.value).toBe(199 * ROW_PIXELS - (600 - ROW_PIXELS) / 2)
  // It is seen: nothing moves.
  viewport.reveal(200, 400)
  expect(viewport.top.value).toBe(199 * ROW_PIXELS - (600 - ROW_PIXELS) / 2)
  viewport.showFirst(50, 400)
  expect(viewport.firstRow).toBe(50)
})
