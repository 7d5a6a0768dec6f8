// The response cache is asked once for each request, before the router or behind it.

import { describe, expect, test } from 'bun:test'
import type { ServerSettings } from '../../../src/lib/server-settings'
import { withServer } from '../../support/server'

const configs: [string, Partial<ServerSettings>][] = [
  ['by default', {}],
  ['behind a proxy', { trustProxy: true }],
  ['for known hosts', { allowedHosts: ['127.0.0.1'] }],
  ['with --private', { private: true }],
]

describe.each(configs)('%s', (_, config) => {
  const server = withServer(config)

  test('each request asks once, and the second is answered from memory', async () => {
    await server.makeJob({ id: 'a1' })
    const { responseCache } = server.services
    const { find } = responseCache
    const asked: string[] = []
    responseCache.find = (request, url) => {
      const answer = find.call(responseCache, request, url)
      asked.push(`${request.method} ${answer ? 'found' : 'missed'}`)
      return answer
    }
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
