// Which operation of the documentation belongs to an address.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  type ApiDocument,
  hasItems,
  isFile,
  operationsOf,
  queryParametersOf,
  templateOf,
} from '../../../src/dashboard/page/api-browser/openapi'
import { withServer } from '../../support/server'

const server = withServer()

const documentOf = async () => (await server.client.get('/swagger/json')).body as ApiDocument

test('an address fits its template, with and without the slash, the fixed word before the parameter', async () => {
  const document = await documentOf()
  const cases = {
    '/': '/',
    '/jobs/': '/jobs/',
    '/jobs?page=2': '/jobs/',
    '/jobs/1/': '/jobs/{job}/',
    '/jobs/summary/': '/jobs/summary/',
    '/jobs/1/tests/summary': '/jobs/{job}/tests/summary/',
    '/jobs/1/tests/a%2Fb/': '/jobs/{job}/tests/{test}/',
    '/jobs/1/files/': '/jobs/{job}/files/',
    '/jobs/1/files/sysinfo/pre/hostname': '/jobs/{job}/files/{path}',
    '/jobs/1/tests/2/files/debug.log': '/jobs/{job}/tests/{test}/files/{path}',
    '/api/v2.0/results/latest': '/api/v2.0/results/latest',
    '/nothing/': undefined,
    '/jobs/1/tests/2/files': '/jobs/{job}/tests/{test}/files/',
    '/jobs/1/nothing/': undefined,
    '/Jobs/': undefined,
  }
  for (const [address, template] of Object.entries(cases)) {
    expect([address, templateOf(document, address)]).toEqual([address, template])
  }
})

test('every documented address is found again, whatever its parameters are', async () => {
  const document = await documentOf()
  // With a capital letter, which no fixed word has: that would be another address.
  const name = fc.string({ minLength: 1 }).map((text) => `X${encodeURIComponent(text)}`)
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(document.paths)),
      name,
      fc.boolean(),
      (template, text, slash) => {
        const address = template.replace(/\{\w+\}/g, text).replace(/\/$/, slash ? '/' : '')
        expect(templateOf(document, address === '' ? '/' : address)).toBe(template)
      },
    ),
  )
})

test('the operations of an address, and none where there is no address', async () => {
  const document = await documentOf()
  expect(Object.keys(operationsOf(document, '/jobs/1/')).sort()).toEqual(['delete', 'get', 'patch', 'put'])
  expect(operationsOf(document, '/nothing/')).toEqual({})
  expect(operationsOf(undefined, '/jobs/')).toEqual({})
  const { get } = operationsOf(document, '/jobs/1/')
  expect(queryParametersOf(get).map(({ name }) => name)).toEqual(['omit', 'include'])
  expect(queryParametersOf(undefined)).toEqual([])
})

test('a file is told from the list of files, a list with items from one without', async () => {
  const document = await documentOf()
  expect(isFile('/jobs/{job}/files/{path}')).toBe(true)
  expect(isFile('/jobs/{job}/files/')).toBe(false)
  expect(isFile(undefined)).toBe(false)
  expect(hasItems(document, '/jobs/')).toBe(true)
  expect(hasItems(document, '/jobs/{job}/tests/')).toBe(true)
  expect(hasItems(document, '/jobs/{job}/files/')).toBe(false)
  expect(hasItems(document, '/jobs/{job}/passrate/')).toBe(false)
})
