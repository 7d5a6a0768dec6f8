// The services that events/ adds to those of results/.

import type { ResultServices } from '../results/core/services'
import { EventHub, type EventLimits } from './hub'

export interface EventParts {
  eventLimits?: EventLimits
}

export interface EventServices extends ResultServices {
  events: EventHub
}

export function eventServices<Parts extends ResultServices & EventParts>(
  parts: Parts,
): Parts & EventServices {
  return { ...parts, events: new EventHub(parts, parts.eventLimits) }
}
