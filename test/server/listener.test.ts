// Where the server listens.

import { expect, test } from 'bun:test'
import { parseAddress, urlOf } from '../../src/server/listener'

test.each([
  [undefined, '127.0.0.1', 9405, 'http://127.0.0.1:9405/'],
  ['8000', '127.0.0.1', 8000, 'http://127.0.0.1:8000/'],
  ['0.0.0.0:9405', '0.0.0.0', 9405, 'http://0.0.0.0:9405/'],
  ['[::]:9405', '::', 9405, 'http://[::]:9405/'],
  ['lab:80', 'lab', 80, 'http://lab:80/'],
])('%p is %s, port %i', (text, hostname, port, url) => {
  const address = parseAddress(text)
  expect(address).toEqual({ hostname, port })
  expect(address && urlOf(address)).toBe(url)
})

test.each(['', 'lab', ':9405', '::1:9405', '[::1]', '1.2.3.4:', '70000', 'a b:80', '80:80:80'])(
  '%p is no address',
  (text) => {
    expect(parseAddress(text)).toBeUndefined()
  },
)
