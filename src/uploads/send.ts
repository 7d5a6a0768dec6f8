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
 * Posts a body, again and again with growing pauses while the server is away: 5xx, refused, reset. Never after a 4xx.
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
    if (answer instanceof Response && answer.status < 500) {
      if (answer.ok) return answer
      throw new NotSent(`${target.origin} refused it (${answer.status}): ${await sentenceOf(answer)}`)
    }
    const reason =
      answer instanceof Response
        ? `${answer.status}: ${await sentenceOf(answer)}`
        : `no connection: ${answer.message}`
    if (performance.now() + pause > end) throw new NotSent(`${target.origin} is away (${reason}).`)
    onPause(reason, pause / 1000)
    await Bun.sleep(pause)
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

async function sentenceOf(answer: Response): Promise<string> {
  const text = await answer.text().catch(() => '')
  try {
    return (JSON.parse(text) as { detail?: string }).detail ?? text
  } catch {
    return text.slice(0, 200)
  }
}
