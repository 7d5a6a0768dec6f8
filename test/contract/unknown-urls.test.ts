// A URL that names no API: the published page, or JSON for who asks for JSON.

import { expect, test } from 'bun:test'
import { withServer } from '../support/server'

const server = withServer()
const ask = async (path: string, accept: string) => {
  const { status, body, headers } = await server.stranger.with({ accept }).get(path)
  return { status, type: headers.get('content-type'), body }
}
const PAGE = { status: 404, type: 'text/html; charset=utf-8', body: expect.stringContaining('/nowhere/') }

test.each(['application/json', 'application/json; indent=4', 'Application/JSON, text/plain;q=0.5'])(
  'asked for with Accept: %s it is JSON',
  async (accept) => {
    expect(await ask('/nowhere/%3Cb%3E', accept)).toEqual({
      status: 404,
      type: 'application/json',
      body: {
        detail: 'There is nothing at /nowhere/%3Cb%3E. The API begins at /, its documentation at /swagger.',
      },
    })
  },
)

test.each(['*/*', '', 'text/html', 'text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8'])(
  'asked for with Accept: %s it is the page',
  async (accept) => {
    expect(await ask('/nowhere/', accept)).toEqual(PAGE)
  },
)

test('a write to nowhere is told so the same way', async () => {
  const { status, body } = await server.client.with({ accept: 'application/json' }).post('/nowhere/', {})
  expect({ status, body }).toEqual({ status: 404, body: { detail: expect.stringContaining('/nowhere/') } })
})
