// Requests as a test reads best: `await client.post('/jobs/', { id: 'a1' })`.

export interface Reply {
  status: number
  /** The parsed JSON, the text of anything else, or null when there is no body. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  body: any
  headers: Headers
}

/** Where a test's server speaks TLS, its certificate is of the test's own making. */
export const OWN = { tls: { rejectUnauthorized: false } }

export class Client {
  constructor(
    readonly origin: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  /** The same client with further headers, or others in place of its own. */
  with(headers: Record<string, string>): Client {
    return new Client(this.origin, { ...this.headers, ...headers })
  }

  /** The same client with HTTP Basic credentials. */
  as(username: string, password: string): Client {
    return this.with({ authorization: `Basic ${btoa(`${username}:${password}`)}` })
  }

  get(path: string) {
    return this.send('GET', path)
  }

  delete(path: string) {
    return this.send('DELETE', path)
  }

  /** `body` goes as JSON, or as a form when it is FormData or URLSearchParams. */
  post(path: string, body?: unknown) {
    return this.send('POST', path, body)
  }

  put(path: string, body?: unknown) {
    return this.send('PUT', path, body)
  }

  patch(path: string, body?: unknown) {
    return this.send('PATCH', path, body)
  }

  send(method: string, path: string, body?: unknown): Promise<Reply> {
    if (body === undefined || body instanceof FormData || body instanceof URLSearchParams) {
      return this.request(method, path, body === undefined ? {} : { body })
    }
    const headers = { 'content-type': 'application/json' }
    return this.request(method, path, { body: JSON.stringify(body), headers })
  }

  /** All rows of a list, page after page. @throws Error when one is refused. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  async all(path: string): Promise<any[]> {
    const rows = []
    for (let page = 1; ; page++) {
      const ask = `${path}${path.includes('?') ? '&' : '?'}page_size=1000&page=${page}`
      const { status, body } = await this.get(ask)
      if (status !== 200) throw new Error(`GET ${ask} answered ${status}: ${JSON.stringify(body)}`)
      rows.push(...body.results)
      if (body.next === null) return rows
    }
  }

  /** A file, byte for byte. @throws Error when it is refused. */
  async bytes(path: string): Promise<Uint8Array> {
    const response = await fetch(`${this.origin}${path}`, { ...OWN, headers: this.headers })
    if (response.status !== 200) throw new Error(`GET ${path} answered ${response.status}`)
    return response.bytes()
  }

  /** Any request: the body as it is. */
  async request(method: string, path: string, init: Omit<RequestInit, 'method'> = {}): Promise<Reply> {
    const headers = { ...this.headers, ...(init.headers as Record<string, string>) }
    const response = await fetch(`${this.origin}${path}`, {
      ...OWN,
      redirect: 'manual',
      ...init,
      method,
      headers,
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    const body = text === '' ? null : isJson ? JSON.parse(text) : text
    return { status: response.status, body, headers: response.headers }
  }
}
