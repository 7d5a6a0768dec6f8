// Loads answers for the API browser. Reads only as much of a body as the page can show.

import { useEffect, useReducer, useRef } from 'preact/hooks'
import { ApiError, request } from '../api'
import { onConnected } from '../live'

export type Body =
  | { kind: 'none' }
  | { kind: 'json'; value: unknown }
  /** Includes HTML, which is shown as text and never run. */
  | { kind: 'text'; text: string; isWhole: boolean }
  /** Not text. */
  | { kind: 'binary' }

export interface Answer {
  method: string
  /** The address of the API. */
  address: string
  status: number
  statusText: string
  headers: Headers
  body: Body
  milliseconds: number
}

/** Only the beginning of a longer text is shown. */
const MAX_TEXT_BYTES = 256 * 1024
/** Parsing more JSON would block the page. */
const MAX_JSON_BYTES = 32 * 1024 * 1024
/** A stream of events has no end, so reading stops after this time. */
const EVENTS_MS = 1500

/** Sends a request and reads the answer, whatever its status is. @throws ApiError when there is no answer. */
export async function fetchAnswer(method: string, address: string, init: RequestInit = {}): Promise<Answer> {
  const start = performance.now()
  const response = await request(address, {
    ...init,
    method,
    headers: { accept: 'application/json', ...(init.headers as Record<string, string> | undefined) },
  })
  const { status, statusText, headers } = response
  const body = await readBody(response)
  return { method, address, status, statusText, headers, body, milliseconds: performance.now() - start }
}

export async function readBody(response: Response): Promise<Body> {
  if (!response.body) return { kind: 'none' }
  const type = response.headers.get('content-type') ?? ''
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(type)
  if (!isJson && !/^text\/|^application\/(xml|yaml|javascript)\b|\+xml\b/i.test(type)) {
    await response.body.cancel()
    return { kind: 'binary' }
  }
  const { bytes, isWhole } = await readStart(response.body, {
    maxBytes: isJson ? MAX_JSON_BYTES : MAX_TEXT_BYTES,
    maxMilliseconds: /^text\/event-stream\b/i.test(type) ? EVENTS_MS : undefined,
  })
  if (bytes.length === 0) return { kind: 'none' }
  if (isJson && isWhole) {
    try {
      return { kind: 'json', value: JSON.parse(new TextDecoder().decode(bytes)) }
    } catch {
      // A stored file may have the type of JSON without being JSON: it is shown as text.
    }
  }
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_TEXT_BYTES))
  return { kind: 'text', text, isWhole: isWhole && bytes.length <= MAX_TEXT_BYTES }
}

async function readStart(
  body: ReadableStream<Uint8Array>,
  { maxBytes, maxMilliseconds }: { maxBytes: number; maxMilliseconds: number | undefined },
): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const reader = body.getReader()
  let isWhole = true
  const stop = () => {
    isWhole = false
    return reader.cancel()
  }
  const timer = maxMilliseconds === undefined ? undefined : setTimeout(stop, maxMilliseconds)
  const chunks: Uint8Array[] = []
  let size = 0
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value)
    size += read.value.length
    if (size > maxBytes) await stop()
  }
  clearTimeout(timer)
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return { bytes, isWhole }
}

interface Answers {
  /** The address of the API. */
  address: string
  get: Answer
  /** Its Allow header lists the methods of the address. */
  options: Answer
}

/**
 * Loads the answers to GET and OPTIONS of an address. They are undefined until the first ones arrive; while another
 * address loads, they are still the previous ones.
 */
export function useAnswers(address: string) {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const state = useRef<{ answers?: Answers | undefined; error?: ApiError; failed?: string }>({})
  const load = useRef(async () => {})
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    load.current = async () => {
      try {
        const [get, options] = await Promise.all([
          fetchAnswer('GET', address, { signal }),
          fetchAnswer('OPTIONS', address, { signal }),
        ])
        state.current = { answers: { address, get, options } }
      } catch (error) {
        if (signal.aborted) return
        const failure = error instanceof ApiError ? error : new ApiError(0, String(error))
        // Answers of another address are not shown below this address's failure.
        const { answers } = state.current
        const kept = answers?.address === address ? answers : undefined
        state.current = { answers: kept, error: failure, failed: address }
      }
      if (!signal.aborted) redraw(undefined)
    }
    load.current()
    const stopWaiting = onConnected(() => {
      if (state.current.error?.status === 0) load.current()
    })
    return () => {
      controller.abort()
      stopWaiting()
    }
  }, [address])
  const { answers, error, failed } = state.current
  return { answers, error: failed === address ? error : undefined, reload: () => load.current() }
}

/** The methods of an address that write, in their usual order. */
export function writingMethods({ headers, status }: Answer): string[] {
  if (status !== 200) return []
  const allowed = (headers.get('allow') ?? '').split(/,\s*/)
  return ['POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => allowed.includes(method))
}
