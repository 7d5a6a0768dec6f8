// The props that every form of the API browser gets to send its request.

import type { ApiError } from '../api'

export interface SendProps {
  method: string
  /** @returns whether the server accepted the request. */
  send: (body?: BodyInit, contentType?: string) => Promise<boolean>
  /** Why the last attempt failed. */
  failure: ApiError | undefined
}
