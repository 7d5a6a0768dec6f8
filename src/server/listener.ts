// The socket: listens, hands requests to the app, stops without cutting anybody off.

type Fetch = (request: Request, server: Bun.Server<undefined>) => Response | Promise<Response>

/** In PEM, the certificates of those who signed it behind it. */
export interface Certificate {
  cert: string
  key: string
}

export interface Address {
  hostname: string
  port: number
}

/** Why it is not possible to listen, in a sentence. */
export class CannotListen extends Error {}

const DEFAULT: Address = { hostname: '127.0.0.1', port: 9405 }
const STOP_WITHIN_MS = 10_000
/** How long a connection may be silent in the middle of a request or an answer. */
const IDLE_TIMEOUT_SECONDS = 60

/** Reads `[[ADDRESS:]PORT]`. @returns undefined when the text is no such thing. */
export function parseAddress(text: string | undefined): Address | undefined {
  if (text === undefined) return DEFAULT
  const [, host, port] = /^(?:(\[[0-9a-f:.]+\]|[^:[\]\s]+):)?(\d{1,5})$/i.exec(text) ?? []
  if (port === undefined || Number(port) > 65535) return undefined
  return { hostname: host?.replace(/^\[|\]$/g, '') ?? DEFAULT.hostname, port: Number(port) }
}

/** The address as a URL that a person can open. */
export function urlOf({ hostname, port }: Address, scheme: 'http' | 'https' = 'http'): string {
  return `${scheme}://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}/`
}

/** Finds out whether listening is possible, before anything else is done. @throws CannotListen */
export function checkAddress(address: Address): void {
  listen(address, () => new Response()).stop(true)
}

/**
 * @param certificate  with one, the server speaks TLS and nothing else.
 * @throws CannotListen
 */
export function startServer(address: Address, fetch: Fetch, certificate?: Certificate) {
  let server = listen(address, fetch, certificate)
  const listening = { hostname: address.hostname, port: server.port ?? address.port }
  /** The server, and those before it that have requests under way. */
  const servers = new Set([server])
  return {
    address: listening,
    /**
     * Takes another certificate for new connections. Bun cannot change that of a server: a second one listens at the
     * same address, and the first ends when its requests have.
     *
     * @throws CannotListen, and all stays as it was
     */
    renew(certificate: Certificate): void {
      const [former, next] = [server, listen(listening, fetch, certificate)]
      servers.add(next)
      server = next
      former.stop().finally(() => servers.delete(former))
    },
    /** Stops accepting, and waits for the requests that are under way, for 10 s at most. */
    async stop(): Promise<void> {
      const stopped = Promise.all([...servers].map((one) => one.stop()))
      const end = performance.now() + STOP_WITHIN_MS
      const isBusy = () => [...servers].some(({ pendingRequests }) => pendingRequests > 0)
      while (isBusy() && performance.now() < end) await Bun.sleep(10)
      await Promise.all([...servers].map((one) => one.stop(true)))
      await stopped
    },
  }
}

function listen({ hostname, port }: Address, fetch: Fetch, certificate?: Certificate) {
  try {
    return Bun.serve({
      hostname,
      port,
      fetch,
      ...(certificate && { tls: certificate }),
      maxRequestBodySize: Number.MAX_SAFE_INTEGER, // the app has a limit of its own, and answers like all else
      development: false,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      // On unless told, outside development: two servers would share one port. With TLS that is how a certificate is
      // renewed, and checkAddress() finds another server.
      reusePort: certificate !== undefined,
    })
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === 'EADDRINUSE') {
      throw new CannotListen(
        `Port ${port} on ${hostname} is in use by another program: stop that, or choose another port.`,
      )
    }
    if (code === 'EINVAL' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'ENOENT') {
      throw new CannotListen(`Cannot listen on ${hostname}: that is no address of this machine.`)
    }
    throw new CannotListen(`Cannot listen on ${hostname}, port ${port}: ${message}`)
  }
}
