// What monitoring adds to the services of a server.

import type { AuthServices } from '../../auth/services'
import { LoopLag } from './loop-lag'

export interface MonitoringServices extends AuthServices {
  loopLag: LoopLag
}

export function monitoringServices<Parts extends AuthServices>(parts: Parts): Parts & MonitoringServices {
  return { ...parts, loopLag: new LoopLag() }
}
