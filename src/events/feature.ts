import type { Feature } from '../http/feature'
import { gauge, one } from '../lib/metrics'
import { eventRoutes } from './routes'
import type { EventServices } from './services'

export const events: Feature<EventServices> = {
  name: 'events',
  routes: (services) => [eventRoutes(services, services.events)],
  metrics: ({ events }) => [
    gauge(
      { name: 'avocado_event_stream_readers', help: 'Who reads along at /events/.' },
      one(() => events.readerCount),
    ),
  ],
  close: ({ events }) => events.close(),
}
