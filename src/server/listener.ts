// Listens on a socket, passes requests to the app, and stops once the running requests are answered.

type Fetch = (request: Request, server: Bun.Server<undefined>) => Response | Promise<Response>

/** In PEM. `cert`: the certificate, then those of its issuers. */
export interface Certificate {
  cert: string
  key: string
}

export interface Address {
  hostname: string
  port: number
}

/** The message says in a sentence why the server cannot listen. */
export class CannotListen extends Error {}

const DEFAULT: Address = { hostname: '127.0.0.1', port: 9405 }
const STOP_WITHIN_MS = 10_000
/** How long a connection may be silent during a request or a response. */
const IDLE_TIMEOUT_SECONDS = 60

/** Parses `[[ADDRESS:]PORT]`. @returns undefined when the text is not valid. */
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

/** Checks that the server can listen, before it does anything else. @throws CannotListen */
export function checkAddress(address: Address): void {
  listen(address, () => new Response()).stop(true)
}

/**
 * @param certificate  with a certificate, the server speaks only TLS.
 * @throws CannotListen
 */
export function startServer(address: Address, fetch: Fetch, certificate?: Certificate) {
  let server = listen(address, fetch, certificate)
  const listening = { hostname: address.hostname, port: server.port ?? address.port }
  /** The current server, and former ones that still answer requests. */
  const servers = new Set([server])
  return {
    address: listening,
    /**
     * Uses another certificate for new connections. Bun cannot change the certificate of a server, so a second server
     * listens on the same address, and the first one ends after its last request.
     *
     * @throws CannotListen, and the former certificate stays in use.
     */
    renew(certificate: Certificate): void {
      const [former, next] = [server, listen(listening, fetch, certificate)]
      servers.add(next)
      server = next
      former.stop().finally(() => servers.delete(former))
    },
    /** Accepts no more requests, and waits up to 10 s for the running ones. */
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
      maxRequestBodySize: Number.MAX_SAFE_INTEGER, // the app checks --max-body itself
      development: false,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      // Bun's default outside development would let a second server take the same port unnoticed. With TLS this is
      // needed to renew the certificate, and checkAddress() notices another server.
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
