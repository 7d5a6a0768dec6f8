// Sending to a server that may be away for a while.

/** The server refused it, or stayed away for too long; the sentence says which. */
export class NotSent extends Error {}

export interface Destination {
  /** Without credentials in it. */
  url: URL
  headers: Record<string, string>
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/** Reads where to send to: `user:password@` in the URL becomes a header, a token beats it. @throws NotSent */
export function readDestination(text: string, token: string | undefined): Destination {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new NotSent(`"${text}" is no URL such as http://server:9405.`)
  const { username, password } = url
  url.username = ''
  url.password = ''
  if (token) return { url, headers: { authorization: `Bearer ${token}` } }
  if (username === '') return { url, headers: {} }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { url, headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } }
}

/**
 * Posts a body, again and again with growing pauses while the server is away: 5xx, refused, reset. After a 4xx only
 * where the server says when to come again: others may have guessed passwords from the same address.
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
      throw new NotSent(`${target.origin} refused it (${answer.status}): ${await sentenceOf(answer)}`)
    }
    if (!(answer instanceof Response) && isDistrust(answer)) {
      throw new NotSent(
        `${target.origin} has a certificate that is not trusted (${answer.message}): name the file of it, or of its authority, by NODE_EXTRA_CA_CERTS.`,
      )
    }
    const reason =
      answer instanceof Response
        ? `${answer.status}: ${await sentenceOf(answer)}`
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
    return await fetch(target, { method: 'POST', headers, body: body(), redirect: 'manual' })
  } catch (error) {
    return error as Error
  }
}

/** Trying again does not help there. */
function isDistrust(failure: Error): boolean {
  const { code } = failure as { code?: unknown }
  return typeof code === 'string' && /CERT|^UNABLE_TO_/.test(code)
}

/** @returns 0 when the answer does not say it in seconds. */
function retryAfterMs({ headers }: Response): number {
  const text = headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : 0
}

async function sentenceOf(answer: Response): Promise<string> {
  const text = await answer.text().catch(() => '')
  try {
    return (JSON.parse(text) as { detail?: string }).detail ?? text
  } catch {
    return text.slice(0, 200)
  }
}
