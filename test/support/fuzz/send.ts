// Requests on their way: by fetch, or over a socket as nobody's client would write them.

import { OWN } from '../client'
import type { Request } from './requests'

export interface Reply {
  status: number
  headers: Headers
  text: string
}

/** Longer than any answer takes, on a machine that has other work. */
const PATIENCE_MS = 30_000
/** The server waits for the rest of what is cut off. */
const CUT_PATIENCE_MS = 100

/** @returns undefined when there is no answer, which is right only for what was cut off. */
export function send(origin: string, request: Request, credentials: Headers): Promise<Reply | undefined> {
  const { method, body, transport } = request
  const fetchSends = transport === 'fetch' && !(body && (method === 'GET' || method === 'HEAD'))
  return fetchSends && !['TRACE', 'CONNECT'].includes(method)
    ? byFetch(origin, request, credentials)
    : bySocket(origin, request, credentials)
}

async function byFetch(origin: string, request: Request, credentials: Headers): Promise<Reply | undefined> {
  const { method, target, headers, body } = request
  const cut = new AbortController()
  const timer = setTimeout(() => cut.abort(), PATIENCE_MS)
  try {
    const response = await fetch(origin + target, {
      ...OWN,
      method,
      headers: { ...headers, ...Object.fromEntries(credentials) },
      redirect: 'manual',
      signal: cut.signal,
      ...(body && { body }),
    })
    const { status } = response
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      return { status, headers: response.headers, text: await response.text() }
    }
    cut.abort() // it would not end
    return { status, headers: response.headers, text: '' }
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

function bySocket(origin: string, request: Request, credentials: Headers): Promise<Reply | undefined> {
  const { protocol, hostname, port, host } = new URL(origin)
  const bytes = bytesOf(host, request, credentials)
  const { transport } = request
  const isCut = typeof transport === 'object'
  const { promise, resolve } = Promise.withResolvers<Reply | undefined>()
  const chunks: Uint8Array[] = []
  const timer = setTimeout(() => resolve(undefined), isCut ? CUT_PATIENCE_MS : PATIENCE_MS)
  const end = () => resolve(replyOf(Buffer.concat(chunks)))
  Bun.connect({
    hostname,
    port: Number(port),
    ...(protocol === 'https:' && OWN),
    socket: {
      open(socket) {
        socket.write(isCut ? bytes.subarray(0, Math.floor(transport.cutAt * bytes.length)) : bytes)
        socket.flush()
        if (isCut) setTimeout(() => socket.end(), CUT_PATIENCE_MS / 2)
      },
      data(socket, data) {
        chunks.push(Buffer.from(data))
        // Not a stream of events, which would not end.
        if (Buffer.concat(chunks.slice(0, 2)).includes('text/event-stream')) socket.end()
      },
      close: end,
      end,
      error: end,
    },
  }).catch(end)
  return promise.finally(() => clearTimeout(timer))
}

/** All of it, in the bytes of its characters; the server closes after it. */
function bytesOf(host: string, { method, target, headers, body }: Request, credentials: Headers): Buffer {
  const lines = Object.entries({
    host,
    connection: 'close',
    ...headers,
    ...Object.fromEntries(credentials),
    ...(body && { 'content-length': String(body.length) }),
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`),
    body ?? Buffer.alloc(0),
  ])
}

function replyOf(bytes: Buffer): Reply | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1])
  if (end < 0 || Number.isNaN(status)) return undefined
  const headers = new Headers(lines.map((line) => line.split(/:\s*(.*)/s, 2) as [string, string]))
  return { status, headers, text: textOf(Buffer.from(bytes.subarray(end + 4)), headers) }
}

function textOf(bytes: Buffer<ArrayBuffer>, headers: Headers): string {
  const body = headers.get('transfer-encoding') === 'chunked' ? joined(bytes) : bytes
  if (body.length === 0) return '' // that of a HEAD is packed, too, as far as its headers say
  const packing = headers.get('content-encoding')
  if (packing === 'gzip') return Buffer.from(Bun.gunzipSync(body)).toString()
  return (packing === 'zstd' ? Bun.zstdDecompressSync(body) : body).toString()
}

function joined(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, end).toString(), 16)
    if (end < 0 || !(size > 0)) break
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
  return Buffer.concat(parts)
}

/** The line that sends the same again; `$CREDENTIALS` is a header. */
export function curlLine(origin: string, { method, target, headers, body }: Request): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const packed = body && Buffer.from(Bun.gzipSync(Buffer.from(body))).toString('base64')
  return [
    ...(packed ? [`echo ${packed} | base64 -d | gunzip |`] : []),
    `curl -sS -k -i --globoff --path-as-is ${method === 'HEAD' ? '-I' : `-X ${method}`} -H "$CREDENTIALS"`,
    ...Object.entries(headers).map(
      ([name, value]) => `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`,
    ),
    ...(packed ? ['--data-binary @-'] : []),
    quoted(origin + target),
  ].join(' ')
}
