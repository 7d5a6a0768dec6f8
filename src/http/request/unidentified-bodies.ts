// Limits bodies whose sender is known only after a part is read: sign-ins, and requests with a token in the body.
// Anybody may send them, so the server reads few bytes, for a short time, and few bodies at once from one network.

import { TooMany } from '../../lib/errors'
import { KeyCounts } from '../../lib/key-counts'
import type { ServerSettings } from '../../lib/server-settings'
import type { BodyLimits } from './body-bytes'
import { networkOf } from './client-address'

/** The bytes of a body that are read before its sender is known. */
export const MAX_UNIDENTIFIED_BYTES = 4 * 1024
/** How long those bytes may take. */
const MAX_SECONDS = 10
const MAX_PER_NETWORK = 32
const MAX_TOTAL = 1024
const RETRY_AFTER_SECONDS = 5

export class UnidentifiedBodies {
  private underWay = 0
  private readonly networks = new KeyCounts()

  constructor(private readonly config: ServerSettings) {}

  /**
   * @param read  reads the body within the given limits.
   * @throws TooMany, before anything is read.
   */
  async read<T>(request: Request, read: (limits: BodyLimits) => Promise<T>): Promise<T> {
    const network = networkOf(request)
    if (this.networks.get(network) >= MAX_PER_NETWORK || this.underWay >= MAX_TOTAL) {
      const detail = `Too many bodies without credentials are on their way: try again in ${RETRY_AFTER_SECONDS} seconds.`
      throw new TooMany(detail, RETRY_AFTER_SECONDS)
    }
    this.networks.begin(network)
    this.underWay++
    try {
      const { maxBodyBytes, bodyTimeoutSeconds } = this.config
      return await read({
        maxBodyBytes: Math.min(maxBodyBytes, MAX_UNIDENTIFIED_BYTES),
        bodyTimeoutSeconds: Math.min(bodyTimeoutSeconds, MAX_SECONDS),
      })
    } finally {
      this.networks.end(network)
      this.underWay--
    }
  }
}
