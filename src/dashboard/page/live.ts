// What changes on the server while the page is open: one stream of events for the whole page.

import { signal } from '@preact/signals'
import type { Job } from './api'

export type JobChange = Job | { number: number; deleted: true }

/** Jobs that changed; 'reset': anything may have changed. */
export type Change = JobChange[] | 'reset'

/** What the reader is told of the connection. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting')

const RETRY_MS = 3000
const listeners = new Set<(change: Change) => void>()
let source: EventSource | undefined
let lastEventId = ''
let retry: ReturnType<typeof setTimeout> | undefined

/** Calls `listener` whenever the connection is there (again): what failed without it is worth another try. @returns a function that ends it */
export function onConnected(listener: () => void): () => void {
  return connection.subscribe((now) => {
    if (now === 'live') listener()
  })
}

/** @returns a function that ends it */
export function onChange(listener: (change: Change) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let notifyRefused = () => {}

/** Calls `listener` when the server answers, but tells this page nothing (more). */
export function onRefused(listener: () => void): void {
  notifyRefused = listener
}

let isEnabled = false

/**
 * Connects from the beginning, and goes on doing so. A hidden page lets go of its connection: a browser keeps six to
 * one server at most, and as many forgotten tabs would leave none to load a page with.
 */
export function connect(): void {
  isEnabled = true
  document.addEventListener('visibilitychange', connectIfVisible)
  addEventListener('online', reconnect)
  // A stream may last until its connection times out. A new one tells: a server on this machine is still there.
  addEventListener('offline', reconnect)
  reconnect()
}

/** Lets go of the connection until `goLive`. */
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
    // It tries again by itself, but not when the server has refused: then it is asked anew.
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

/** An event without an id, as the first of a resumed stream, leaves what is known. */
function storeEventId(event: MessageEvent): void {
  lastEventId = event.lastEventId || lastEventId
}

function notify(change: Change): void {
  for (const listener of listeners) listener(change)
}
