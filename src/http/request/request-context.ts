// What is known of a request while it is answered: the id by which the log names it, the route it took, who sent
// it from where.

/** Asked for late, because few requests are counted by it. */
export type Address = () => string | undefined

export interface RequestContext {
  /** Of the client, or made when first asked for. */
  id: string | undefined
  /** The pattern, such as `/jobs/:job/`: of those there are few. Undefined where no route fits. */
  route: string | undefined
  /** Where it comes from. */
  address: Address | undefined
  /** The name of the user, where the credentials were right. */
  user: string | undefined
  /** For whoever reads the body, while it comes: throws when the right to send it has ended meanwhile. */
  requireRight: (() => void) | undefined
  /** The response cache was asked before the router, and has no answer to this request. */
  missedCache: boolean
  /** The number of the last commit before anything was read for the answer. Set for answers that are to be cached. */
  readSince: number
}

/** `address`: undefined where no server knows it. */
export type AddressedHandler = (request: Request, address?: Address) => Response | Promise<Response>

export const ID_HEADER = 'x-request-id'

/** As proxies and clients make them; nothing that could be taken for more than a name where it is shown again. */
const ID = /^[\w.:=+/@-]{1,128}$/

const visits = new WeakMap<Request, RequestContext>()

export function requestContext(request: Request): RequestContext {
  let visit = visits.get(request)
  if (!visit) {
    visit = {
      id: undefined,
      route: undefined,
      address: undefined,
      user: undefined,
      requireRight: undefined,
      missedCache: false,
      readSince: 0,
    }
    visits.set(request, visit)
  }
  return visit
}

/** The id of a request: that of its X-Request-Id, or one of 12 hexadecimal digits. */
export function idOf(request: Request): string {
  const visit = requestContext(request)
  visit.id ??= givenId(request) ?? crypto.randomUUID().slice(-12)
  return visit.id
}

/** The id that the client, or a proxy before us, gave the request. */
export function givenId({ headers }: Request): string | undefined {
  const given = headers.get(ID_HEADER)
  return given !== null && ID.test(given) ? given : undefined
}
