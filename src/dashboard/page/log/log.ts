// One log while it is looked at: its bytes as they come, the rows they make, and what is searched for in them.

import { signal } from '@preact/signals'
import { ApiError, fetchOk } from '../api'
import { formatBytes } from '../format'
import { Bytes } from './bytes'
import { Rows } from './rows'
import { errorPattern, Scan, textPattern } from './scan'
import { Yielder } from './yielder'

/** More of one file than this is not kept in memory. */
export const MAX_BYTES = 512 * 1024 ** 2
/** So many are counted and can be walked through. */
export const MAX_HITS = 1_000_000

const ROWS_PER_SLICE = 2000
const REDRAW_MS = 100
/** What is asked for again when a log goes on, to see that it is the same log. */
const OVERLAP_BYTES = 4096

/** lost: the connection ended before the file. failed: the server refused. */
export type LogState = 'loading' | 'whole' | 'stopped' | 'lost' | 'failed'

export class Log {
  bytes = new Bytes()
  rows = new Rows(this.bytes)
  private errors = new Scan(this.bytes, errorPattern, 1)
  search: Scan | undefined
  /** What is searched for. */
  term = ''
  failure = ''
  readonly state = signal<LogState>('loading')
  /** Changes when there is more to be seen. */
  readonly changed = signal(0)
  /** How many bytes are there to be seen. */
  readonly loaded = signal(0)
  private drawnAt = 0
  private controller: AbortController | undefined
  private processing: Promise<void> | undefined
  private readonly yielder = new Yielder()

  /** @param from  where the part of the file begins that is looked at. */
  constructor(
    private readonly url: string,
    private readonly from: number,
    public size: number,
  ) {}

  /** The line of the first error found so far. */
  get firstError(): number | undefined {
    return this.errors.count > 0 ? this.rows.ofByte(this.errors.match(0).start)?.line : undefined
  }

  /** More may be found. */
  get isBusy(): boolean {
    return this.state.value === 'loading' || this.processing !== undefined
  }

  /** All of it is here and was looked through. */
  get isComplete(): boolean {
    return this.state.value === 'whole' && !this.isBusy
  }

  /** How many bytes there will be. */
  get expected(): number {
    return Math.min(this.size - this.from, MAX_BYTES)
  }

  /** Loads what is not there yet. */
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

  /** Makes the rows anew, for lines that wrap at so many columns; undefined: they do not wrap. */
  wrapAt(columns: number | undefined): void {
    if (columns === this.rows.columns) return
    this.rows = new Rows(this.bytes, columns)
    this.process().then(() => this.redraw())
  }

  /** Looks for other text, from the beginning. */
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

  /** @returns false when the file is not the one that began here. @throws ApiError; what reading a stream throws */
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
    const reason = isRefused ? sentenceOf(error) : 'The connection to the server ended.'
    const there = `${formatBytes(this.bytes.length)} of ${formatBytes(this.expected)}`
    this.failure = this.bytes.length > 0 ? `${reason} ${there} are here to be read.` : reason
    return this.bytes.length > 0 ? 'lost' : 'failed'
  }

  /** Makes rows of new bytes and looks through them. */
  private process(): Promise<void> {
    this.processing ??= this.processAll()
    return this.processing
  }

  private async processAll(): Promise<void> {
    // Not before work() has noted that this goes on.
    await Promise.resolve()
    while (this.processSlice()) {
      if (performance.now() - this.drawnAt > REDRAW_MS) this.redraw()
      if (this.yielder.isDue) await this.yielder.yieldToBrowser()
    }
    // At once, not a moment later: bytes that come from now on have to be worked on anew.
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

function sentenceOf({ status, message }: ApiError): string {
  return status === 404 ? 'The log is not on the server: it may have been deleted with its job.' : message
}
