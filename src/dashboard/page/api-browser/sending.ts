// What a form of the API browser is given to send with.

import type { ApiError } from '../api'

export interface SendProps {
  method: string
  /** @returns whether the server took it. */
  send: (body?: BodyInit, contentType?: string) => Promise<boolean>
  /** Why the last attempt failed. */
  failure: ApiError | undefined
}
