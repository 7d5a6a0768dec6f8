// Receives changes from the server over one stream of events for the whole page.

import { signal } from '@preact/signals'
import type { Job } from './api'

export type JobChange = Job | { number: number; deleted: true }

/** The jobs that changed; 'notes': claims, comments or known issues did; 'reset': anything may have changed. */
export type Change = JobChange[] | 'notes' | 'reset'

/** The state of the connection, as the page shows it. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting')

const RETRY_MS = 3000
/** Changes come in bursts: at most one request is sent in this time. */
const REFETCH_MS = 400
const listeners = new Set<(change: Change) => void>()
let source: EventSource | undefined
let lastEventId = ''
let retry: ReturnType<typeof setTimeout> | undefined

/** Calls `listener` when the connection is back, to retry what failed. @returns a function that unsubscribes */
export function onConnected(listener: () => void): () => void {
  return connection.subscribe((now) => {
    if (now === 'live') listener()
  })
}

/** @returns a function that unsubscribes */
export function onChange(listener: (change: Change) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

interface Follower {
  refetch: () => void
  /** Whether changes on the server may have changed what was fetched. */
  isAffected: (changes: JobChange[]) => boolean
  /** Whether what people say changes what was fetched. */
  hearsNotes: boolean
  /** Whether the last request had no answer. */
  hasNoAnswer: () => boolean
}

/**
 * Fetches again after changes, and when the connection is back. All that is on a page waits equally long, so that rows and
 * their counts change at about the same time. To be called with the first request. @returns a function that ends it
 */
export function follow({ refetch, isAffected, hearsNotes, hasNoAnswer }: Follower): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let requestedAt = performance.now()
  const refetchNow = () => {
    clearTimeout(timer)
    timer = undefined
    requestedAt = performance.now()
    refetch()
  }
  const unsubscribe = onChange((change) => {
    if (change === 'notes' ? !hearsNotes : change !== 'reset' && !isAffected(change)) return
    timer ??= setTimeout(refetchNow, Math.max(0, requestedAt + REFETCH_MS - performance.now()))
  })
  const unsubscribeConnected = onConnected(() => {
    if (hasNoAnswer()) refetchNow()
  })
  return () => {
    clearTimeout(timer)
    unsubscribe()
    unsubscribeConnected()
  }
}

let notifyRefused = () => {}

/** Calls `listener` when the server answers but refuses the stream of events. */
export function onRefused(listener: () => void): void {
  notifyRefused = listener
}

let isEnabled = false

/**
 * Connects, and stays connected while the page is visible. A hidden page disconnects: a browser opens at most six
 * connections to a server, so that six forgotten tabs would block every other page.
 */
export function connect(): void {
  isEnabled = true
  document.addEventListener('visibilitychange', connectIfVisible)
  addEventListener('online', reconnect)
  // Without a network the old stream may seem alive until its timeout. A new one shows at once whether the server can
  // still be reached, as a server on this machine can.
  addEventListener('offline', reconnect)
  reconnect()
}

/** Disconnects until `connect` is called. */
export function disconnect(): void {
  isEnabled = false
  connection.value = 'connecting'
  close()
}

function reconnect(): void {
  close()
  connectIfVisible()
}

function connectIfVisible(): void {
  if (document.hidden || !isEnabled) close()
  else if (!source) open()
}

function open(): void {
  clearTimeout(retry)
  const query = lastEventId === '' ? '' : `?last_event_id=${encodeURIComponent(lastEventId)}`
  const opened = new EventSource(`/events/${query}`)
  source = opened
  opened.onopen = () => {
    connection.value = 'live'
  }
  opened.onerror = () => {
    if (source !== opened) return
    connection.value = 'lost'
    // EventSource reconnects by itself, except when the server has refused.
    if (opened.readyState !== EventSource.CLOSED) return
    close()
    retry = setTimeout(connectIfVisible, RETRY_MS)
    notifyRefused()
  }
  opened.addEventListener('hello', storeEventId)
  opened.addEventListener('reset', (event) => {
    storeEventId(event)
    notify('reset')
  })
  opened.addEventListener('notes', (event) => {
    storeEventId(event)
    notify('notes')
  })
  opened.addEventListener('jobs', (event) => {
    storeEventId(event)
    notify((JSON.parse(event.data) as { jobs: JobChange[] }).jobs)
  })
}

function close(): void {
  clearTimeout(retry)
  source?.close()
  source = undefined
}

/** Keeps the last id if the event has none, as the first event of a resumed stream. */
function storeEventId(event: MessageEvent): void {
  lastEventId = event.lastEventId || lastEventId
}

function notify(change: Change): void {
  for (const listener of listeners) listener(change)
}
