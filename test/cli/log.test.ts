import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createPrettyStream } from '../../src/cli/log'

/** What is shown of a line that pino wrote. */
function shown(line: object): string {
  let text = ''
  const stream = createPrettyStream((more) => {
    text += more
  })
  stream.write(
    `${JSON.stringify({ time: '2026-11-24T12:00:00.000Z', level: 'warn', msg: 'said', ...line })}\n`,
  )
  return text
}

const clock = new Date('2026-11-24T12:00:00.000Z').toTimeString().slice(0, 8)

test('a line has the time, the level, what happened, and the facts', () => {
  expect(shown({ id: 'a1', path: '/jobs/', status: 503, user: 'Ann Lee' })).toBe(
    `${clock} warn  said id=a1 path=/jobs/ status=503 user="Ann Lee"\n`,
  )
})

test('an error has its stack below, and its cause below that', () => {
  const cause = { type: 'Error', message: 'disk' }
  const err = { type: 'Error', message: 'outer', stack: 'Error: outer\n    at here', cause }
  expect(shown({ err })).toBe(
    `${clock} warn  said\n  Error: outer\n      at here\n  caused by\n  Error: disk\n`,
  )
})

test('whatever somebody sends, it stays on its line and moves no cursor', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = shown({ path: text, user: `${text}\u001b[2J\u009b1m\r\n\u202e` })
      expect(line.slice(0, -1)).not.toMatch(/\p{C}/u)
      expect(line.endsWith('\n')).toBe(true)
    }),
  )
})
