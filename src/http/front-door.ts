// What stands between the socket and Elysia's router, because the router cannot do it itself.

import { passAddress } from './client-address'

/**
 * Lets requests through to `handle`, with those URLs mended that Elysia would misread: it looks for the path from
 * the eleventh character on, so `http://lab/jobs/` (a short host without a port) would be routed as `/`, and it
 * takes `//jobs/` for another path than `/jobs/`. The Host header stays as it is: links are made from that.
 */
export function frontDoor(handle: (request: Request) => Response | Promise<Response>) {
  return (request: Request): Response | Promise<Response> => {
    const { url } = request
    const path = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3)
    if (path >= 11 && url[path + 1] !== '/') return handle(request)
    const mended = `http://localhost/${url.slice(path).replace(/^\/+/, '')}`
    const readable = new Request(mended, request)
    passAddress(request, readable)
    return handle(readable)
  }
}
