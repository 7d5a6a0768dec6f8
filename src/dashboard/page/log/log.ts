// Loads one log and holds its bytes, its rows, and the results of the search.

import { signal } from '@preact/signals'
import { ApiError, fetchOk } from '../api'
import { formatBytes } from '../format'
import { Bytes } from './bytes'
import { Rows } from './rows'
import { errorPattern, Scan, textPattern } from './scan'
import { Yielder } from './yielder'

/** At most this much of one file is kept in memory. */
export const MAX_BYTES = 512 * 1024 ** 2
/** The search stops after this many hits. */
export const MAX_HITS = 1_000_000

const ROWS_PER_SLICE = 2000
const REDRAW_MS = 100
/** When a load is resumed, this many known bytes are loaded again, to check that the file is still the same. */
const OVERLAP_BYTES = 4096

/** `lost`: loading ended early, but some bytes are there. `failed`: nothing was loaded. */
export type LogState = 'loading' | 'whole' | 'stopped' | 'lost' | 'failed'

export class Log {
  bytes = new Bytes()
  rows = new Rows(this.bytes)
  private errors = new Scan(this.bytes, errorPattern, 1)
  search: Scan | undefined
  /** The text of the search. */
  term = ''
  failure = ''
  readonly state = signal<LogState>('loading')
  /** Changes when there is more to draw. */
  readonly changed = signal(0)
  /** How many bytes can be drawn. */
  readonly loaded = signal(0)
  private drawnAt = 0
  private controller: AbortController | undefined
  private processing: Promise<void> | undefined
  private readonly yielder = new Yielder()

  /** @param from  the offset in the file where the log begins: 0, or the start of its last part. */
  constructor(
    private readonly url: string,
    private readonly from: number,
    public size: number,
  ) {}

  /** The line of the first error found so far. */
  get firstError(): number | undefined {
    return this.errors.count > 0 ? this.rows.ofByte(this.errors.match(0).start)?.line : undefined
  }

  /** Whether the log is still being loaded or searched. */
  get isBusy(): boolean {
    return this.state.value === 'loading' || this.processing !== undefined
  }

  /** Whether the whole log is loaded and searched. */
  get isComplete(): boolean {
    return this.state.value === 'whole' && !this.isBusy
  }

  /** How many bytes there will be when the log is loaded. */
  get expected(): number {
    return Math.min(this.size - this.from, MAX_BYTES)
  }

  /** Loads the bytes that are missing. */
  async load(): Promise<void> {
    this.controller?.abort()
    const controller = new AbortController()
    this.controller = controller
    this.state.value = 'loading'
    try {
      if (!(await this.receive(controller.signal))) {
        this.reset()
        await this.receive(controller.signal)
      }
      this.state.value = 'whole'
    } catch (error) {
      if (this.controller !== controller) return
      this.state.value = this.stateAfter(error, controller.signal)
    }
    await this.process()
    this.redraw()
  }

  stop(): void {
    this.controller?.abort()
  }

  /** Makes the rows again for lines that wrap after `columns`; undefined: lines do not wrap. */
  wrapAt(columns: number | undefined): void {
    if (columns === this.rows.columns) return
    this.rows = new Rows(this.bytes, columns)
    this.process().then(() => this.redraw())
  }

  /** Starts a new search from the beginning. */
  find(text: string): void {
    if (text === this.term) return
    this.term = text
    this.startSearch()
    this.redraw()
    this.process().then(() => this.redraw())
  }

  private startSearch(): void {
    const pattern = textPattern(this.term)
    this.search = pattern && new Scan(this.bytes, pattern, MAX_HITS)
  }

  private reset(): void {
    this.bytes = new Bytes()
    this.rows = new Rows(this.bytes, this.rows.columns)
    this.errors = new Scan(this.bytes, errorPattern, 1)
    this.startSearch()
  }

  /** @returns false when the file on the server is no longer the one loaded so far. @throws ApiError, stream errors */
  private async receive(signal: AbortSignal): Promise<boolean> {
    const known = this.bytes.slice(Math.max(0, this.bytes.length - OVERLAP_BYTES), this.bytes.length)
    const start = this.from + this.bytes.length - known.length
    const isPart = start > 0 || this.size > MAX_BYTES
    const range = `bytes=${start}-${this.from + MAX_BYTES - 1}`
    const response = await fetchOk(this.url, { signal, ...(isPart && { headers: { range } }) }).catch(
      (error) => {
        if (error instanceof ApiError && error.status === 416 && this.bytes.length > 0) return undefined
        throw error
      },
    )
    if (!response) return false
    if (start > 0 && response.status !== 206) {
      await response.body?.cancel()
      if (this.bytes.length > 0) return false
      throw new ApiError(0, 'The server sends no parts of files.')
    }
    const reader = response.body?.getReader()
    let compared = 0
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      const again = part.value.subarray(0, known.length - compared)
      if (again.some((byte: number, index: number) => byte !== known[compared + index])) {
        await reader?.cancel()
        return false
      }
      compared += again.length
      this.bytes.append(part.value.subarray(again.length))
      await this.process()
      if (this.yielder.isDue) await this.yielder.yieldToBrowser()
    }
    return compared === known.length
  }

  private stateAfter(error: unknown, signal: AbortSignal): LogState {
    if (signal.aborted) return 'stopped'
    const isRefused = error instanceof ApiError && error.status > 0
    const reason = isRefused ? errorMessage(error) : 'The connection to the server ended.'
    const there = `${formatBytes(this.bytes.length)} of ${formatBytes(this.expected)}`
    this.failure = this.bytes.length > 0 ? `${reason} ${there} are here to be read.` : reason
    return this.bytes.length > 0 ? 'lost' : 'failed'
  }

  /** Makes rows of new bytes and searches them. */
  private process(): Promise<void> {
    this.processing ??= this.processAll()
    return this.processing
  }

  private async processAll(): Promise<void> {
    // Starts only after process() has stored the promise.
    await Promise.resolve()
    while (this.processSlice()) {
      if (performance.now() - this.drawnAt > REDRAW_MS) this.redraw()
      if (this.yielder.isDue) await this.yielder.yieldToBrowser()
    }
    // Cleared synchronously after the last slice: bytes that arrive later need another run.
    this.processing = undefined
    if (performance.now() - this.drawnAt > REDRAW_MS) this.redraw()
  }

  /** @returns whether there is more to do. */
  private processSlice(): boolean {
    const atEnd = this.state.value !== 'loading'
    return (
      this.rows.advance(ROWS_PER_SLICE) || this.errors.advance(atEnd) || this.search?.advance(atEnd) === true
    )
  }

  private redraw(): void {
    this.drawnAt = performance.now()
    this.loaded.value = this.bytes.length
    this.changed.value++
  }
}

function errorMessage({ status, message }: ApiError): string {
  return status === 404 ? 'The log is not on the server: it may have been deleted with its job.' : message
}
