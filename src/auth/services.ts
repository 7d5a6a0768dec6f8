// What sign-in adds to the services of a server.

import type { HttpServices } from '../http/services'
import { Credentials } from './credentials'
import { FailedLoginBuffer } from './failed-login-buffer'
import type { AuthParts } from './hashing'

export interface AuthServices extends HttpServices, AuthParts {
  credentials: Credentials
  failedLogins: FailedLoginBuffer
}

export function authServices<Parts extends HttpServices & AuthParts>(parts: Parts): Parts & AuthServices {
  return { ...parts, credentials: new Credentials(parts), failedLogins: new FailedLoginBuffer(parts) }
}
