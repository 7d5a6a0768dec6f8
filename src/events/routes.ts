// GET /events/: the change feed as server-sent events.

import { Elysia } from 'elysia'
import { authentication } from '../auth/plugin'
import { describe } from '../http/openapi/documentation'
import { queryOf } from '../http/request/links'
import type { ResultServices } from '../results/core/services'
import type { EventHub } from './hub'
import { jobsEventItem } from './model'

const parameters = [
  {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The id that the reader saw last: browsers send it when they connect again',
    schema: { type: 'string' },
  },
  {
    name: 'last_event_id',
    in: 'query',
    description: 'The same, for the first connection; the header comes before it',
    schema: { type: 'string' },
  },
]

export function eventRoutes(services: ResultServices, events: EventHub) {
  return new Elysia({ name: 'events', tags: ['Server'] }).use(authentication(services)).get(
    '/events/',
    ({ request, set, recheck }) => {
      const headers = {
        ...(set.headers as Record<string, string>),
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no', // otherwise nginx collects events before it sends them
      }
      // Elysia calls this for HEAD, too, and would wait for the end of the body.
      if (request.method === 'HEAD') return new Response(null, { headers })
      // The header comes first: a browser that reconnects still sends the parameter of its first connection.
      const lastEventId = request.headers.get('last-event-id') || queryOf(request).get('last_event_id')
      const mayRead = services.config.private ? async () => (await recheck()) !== undefined : undefined
      return new Response(events.open(lastEventId || undefined, mayRead), { headers })
    },
    {
      detail: describe({
        summary: 'Follow what happens: server-sent events',
        description:
          'First `hello` with the version; then `jobs`, at most every 200 ms, with each job that has changed as `GET /jobs/?omit=tests,activities&include=outcomes` shows it, or its number and `deleted`; `notes`, with the `kinds` of what people said that has changed: `known-issue`, `comment`, `claim`; or `reset`, without any data, when so much happened that it is better to ask for the lists again. `id` is the number of a change, and comes alone where nothing else is told of it: whoever connects again with it is told what was missed.',
        replyType: 'text/event-stream',
        reply: jobsEventItem,
        parameters,
      }),
    },
  )
}
