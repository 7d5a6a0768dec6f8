// Sends to a server, and tries again while the server is unavailable.

/** The server refused the request or was unavailable for too long; the message says which. */
export class NotSent extends Error {}

export interface Destination {
  /** Has no credentials in it. */
  url: URL
  headers: Record<string, string>
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/** Parses the server's URL. A token, or else `user:password@` in the URL, becomes a header. @throws NotSent */
export function readDestination(text: string, token: string | undefined): Destination {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new NotSent(`"${text}" is no URL such as http://server:9405.`)
  const { username, password } = url
  url.username = ''
  url.password = ''
  if (token) return { url, headers: { authorization: `Bearer ${token}` } }
  if (username === '' && password === '') return { url, headers: {} }
  const credentials = `${decodeOrKeep(username)}:${decodeOrKeep(password)}`
  return { url, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } }
}

/** Takes text with wrong percent-encoding literally. */
function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Posts a body. Tries again with growing pauses after a 5xx, a failed connection or a 429. A 429 need not be this
 * client's fault: others may have guessed passwords from the same address.
 *
 * @param body  makes the body anew for each attempt.
 * @param patienceMs  for how long to go on trying.
 * @throws NotSent
 */
export async function post(
  { url, headers }: Destination,
  path: string,
  body: () => ReadableStream<Uint8Array> | string,
  { patienceMs, onPause }: { patienceMs: number; onPause: (reason: string, seconds: number) => void },
): Promise<Response> {
  const end = performance.now() + patienceMs
  const target = new URL(path, `${url.href.replace(/\/*$/, '')}/`)
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const answer = await attempt(target, headers, body)
    if (answer instanceof Response && answer.status < 500 && answer.status !== 429) {
      if (answer.ok) return answer
      throw new NotSent(await explainRefusal(answer, target))
    }
    if (!(answer instanceof Response) && isCertificateError(answer)) {
      throw new NotSent(
        `${target.origin} has a certificate that is not trusted (${answer.message}): name the file of it, or of its authority, by NODE_EXTRA_CA_CERTS.`,
      )
    }
    const reason =
      answer instanceof Response
        ? `${answer.status}: ${await readErrorMessage(answer)}`
        : `no connection: ${answer.message}`
    const wait = Math.max(pause, answer instanceof Response ? retryAfterMs(answer) : 0)
    if (performance.now() + wait > end) throw new NotSent(`${target.origin} is away (${reason}).`)
    onPause(reason, wait / 1000)
    await Bun.sleep(wait)
  }
}

async function attempt(
  target: URL,
  headers: Record<string, string>,
  body: () => ReadableStream<Uint8Array> | string,
) {
  try {
    return await fetch(target, {
      method: 'POST',
      headers: { accept: 'application/json', ...headers },
      body: body(),
      redirect: 'manual',
    })
  } catch (error) {
    return error as Error
  }
}

/** Whether the server's certificate is not trusted: trying again does not help. */
function isCertificateError(failure: Error): boolean {
  const { code } = failure as { code?: unknown }
  return typeof code === 'string' && /CERT|^UNABLE_TO_/.test(code)
}

/** @returns 0 when the answer has no Retry-After in seconds. */
function retryAfterMs({ headers }: Response): number {
  const text = headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : 0
}

/** Says why the server refused the request. A redirect or a page of HTML is explained in our own words. */
async function explainRefusal(answer: Response, target: URL): Promise<string> {
  const { status, headers } = answer
  const place = `${target.origin}${target.pathname}`
  const location = headers.get('location')
  if (status >= 300 && status < 400) {
    return `${place} leads to another place (${status}${location ? `, ${location}` : ''}): name the URL of the server itself.`
  }
  const isBelow = target.pathname !== '/imports/'
  if ((status === 404 && isHtml(answer)) || (isBelow && (status === 404 || status === 405))) {
    return `${place} is not there (${status}): the URL of a server is such as http://server:9405, without a path.`
  }
  return `${target.origin} refused it (${status}): ${await readErrorMessage(answer)}`
}

function isHtml({ headers }: Response): boolean {
  return headers.get('content-type')?.includes('html') === true
}

async function readErrorMessage(answer: Response): Promise<string> {
  const text = await answer.text().catch(() => '')
  if (isHtml(answer)) return 'the answer is a page of HTML, not one of an avocado-server.'
  try {
    const body = JSON.parse(text) as { detail?: string }
    return body.detail ?? text
  } catch {
    return text.slice(0, 200)
  }
}

/** Reads the answer of POST /imports/: what was stored. @throws NotSent when the answer is not an avocado-server's */
export async function readReply(answer: Response, { url }: Destination): Promise<Reply> {
  try {
    const reply = (await answer.json()) as Reply
    if (Array.isArray(reply.jobs)) return reply
  } catch {
    // The answer is not JSON, or was cut off: the error below says so.
  }
  throw new NotSent(`${url.origin} answered ${answer.status}, but not as an avocado-server does.`)
}

export interface Reply {
  jobs: {
    url: string
    tests: { added: number; changed: number; unchanged: number }
    files: { added: number }
    warnings: string[]
  }[]
}
