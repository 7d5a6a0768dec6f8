// The response cache is asked once for each request, before the router or behind it.

import { describe, expect, test } from 'bun:test'
import pino from 'pino'
import type { ResponseCache } from '../../../src/http/cache/response-cache'
import type { ServerSettings } from '../../../src/lib/server-settings'
import { createApp } from '../../../src/server/app'
import { createServices } from '../../../src/server/services'
import { withServer } from '../../support/server'

const configs: [string, Partial<ServerSettings>][] = [
  ['by default', {}],
  ['behind a proxy', { trustProxy: true }],
  ['for known hosts', { allowedHosts: ['127.0.0.1'] }],
  ['with --private', { private: true }],
]

/** Notes what the cache is asked, and whether it has an answer. */
function watch(responseCache: ResponseCache): string[] {
  const { find } = responseCache
  const asked: string[] = []
  responseCache.find = (request, url) => {
    const answer = find.call(responseCache, request, url)
    asked.push(`${request.method} ${answer ? 'found' : 'missed'}`)
    return answer
  }
  return asked
}

describe.each(configs)('%s', (_, config) => {
  const server = withServer(config)

  test('each request asks once, and the second is answered from memory', async () => {
    await server.makeJob({ id: 'a1' })
    const asked = watch(server.services.responseCache)
    const clients = config.private ? [server.client] : [server.client, server.stranger]
    for (const [index, client] of clients.entries()) {
      await server.client.post('/jobs/a1/tests/', { tag: `${index}` })
      asked.length = 0
      const [first, second] = [await client.get('/jobs/a1/'), await client.get('/jobs/a1/')]
      const head = await client.send('HEAD', '/jobs/a1/')
      expect(asked).toEqual(['GET missed', 'GET found', 'HEAD found'])
      expect(second.body).toEqual(first.body)
      expect(head.headers.get('etag')).toBe(first.headers.get('etag'))
    }
  })
})

describe('at the log level debug', () => {
  const server = withServer()

  test('each request asks once, and has a line in the log', async () => {
    await server.makeJob({ id: 'a1' })
    const lines: string[] = []
    const log = pino({ level: 'debug' }, { write: (line) => lines.push(line) })
    const services = createServices({ ...server.services, log })
    const app = createApp(services)
    const asked = watch(services.responseCache)
    for (const _ of ['made', 'kept']) await app.fetch(new Request('http://localhost/jobs/a1/'))
    app.close()
    expect(asked).toEqual(['GET missed', 'GET found'])
    expect(lines.length).toBe(2)
  })
})
