// Data of a request while it is answered: the id for the log, the route, the user and the address.

/** A function, because few requests need the address. */
export type Address = () => string | undefined

export interface RequestContext {
  /** Sent by the client, or made when it is first needed. */
  id: string | undefined
  /** The pattern, such as `/jobs/:job/`. undefined where no route matches. */
  route: string | undefined
  /** The client's address. */
  address: Address | undefined
  /** The name of the user, where the credentials were right. */
  user: string | undefined
  /** Called while the body arrives. Throws when the user has lost the right to send it. */
  requireRight: (() => Promise<void>) | undefined
  /** The response cache was asked before the router, and has no answer to this request. */
  missedCache: boolean
  /** The last commit before the answer's first read. Set only for answers that may be cached. */
  readSince: number
}

/** `address`: undefined without a socket, as in tests. */
export type AddressedHandler = (request: Request, address?: Address) => Response | Promise<Response>

export const ID_HEADER = 'x-request-id'

/** Matches the ids that proxies and clients make. No character in it could be misread where an id is shown. */
const ID = /^[\w.:=+/@-]{1,128}$/

const contexts = new WeakMap<Request, RequestContext>()

export function requestContext(request: Request): RequestContext {
  let context = contexts.get(request)
  if (!context) {
    context = {
      id: undefined,
      route: undefined,
      address: undefined,
      user: undefined,
      requireRight: undefined,
      missedCache: false,
      readSince: 0,
    }
    contexts.set(request, context)
  }
  return context
}

/** The id of a request: its X-Request-Id, or 12 random hexadecimal digits. */
export function idOf(request: Request): string {
  const context = requestContext(request)
  context.id ??= givenId(request) ?? crypto.randomUUID().slice(-12)
  return context.id
}

/** The id that the client, or a proxy before us, gave the request. */
export function givenId({ headers }: Request): string | undefined {
  const given = headers.get(ID_HEADER)
  return given !== null && ID.test(given) ? given : undefined
}
