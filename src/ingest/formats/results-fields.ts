// Reads the fields of an object in results.json. Avocado writes unknown values as null, `<unknown>` or -1, or omits
// them. Values of a wrong type count as unknown, too, with a warning.

import type { Microseconds } from '../../lib/time'
import { type FileReading, MISSING } from './reading'

const LAST_TIME = Date.UTC(2255, 0, 1) * 1000 - 1
/** In seconds. A smaller value (before 2001) is not a date but the time since the machine started. */
const FIRST_DATE = 1e9
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

export class Fields {
  readonly #values: Record<string, unknown>

  /** @param place  of the object in the file; '': the top-level object. */
  constructor(
    values: Record<string, unknown>,
    readonly place: string,
    readonly reading: FileReading,
  ) {
    this.#values = values
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name)
  }

  text(name: string): string | null {
    const value = this.#get(name)
    return value === null || typeof value === 'string' ? value : this.#unknown(name, value)
  }

  /** A duration in seconds, or a count. The first field that exists counts, because Avocado has renamed some. */
  number(...names: string[]): number | null {
    const name = names.find((one) => this.has(one))
    const value = name === undefined ? null : this.#get(name)
    if (name === undefined || value === null || value === -1) return null
    const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isFinite(number) || number < 0)
      return this.#unknown(name, value)
    return number
  }

  count(name: string): number | null {
    const number = this.number(name)
    return number === null || Number.isSafeInteger(number) ? number : this.#unknown(name, number)
  }

  /** A time that is written as seconds since 1970. */
  time(...names: string[]): Microseconds | null {
    const seconds = this.number(...names)
    const time = seconds && Math.round(seconds * 1e6)
    return time !== null && time > LAST_TIME
      ? this.#unknown(names.find((one) => this.has(one)) ?? '', seconds)
      : time
  }

  /** Like time(), for a field in which some versions of Avocado write the time since the machine started: then null. */
  timeOrUptime(name: string): Microseconds | null {
    const seconds = this.number(name)
    return seconds === null || seconds < FIRST_DATE ? null : this.time(name)
  }

  object(name: string): Record<string, unknown> {
    const value = this.#get(name) ?? {}
    return isObject(value) ? value : (this.#unknown(name, value) ?? {})
  }

  #get(name: string): unknown {
    const value = this.has(name) ? this.#values[name] : null
    return value === MISSING ? null : value
  }

  #unknown(name: string, value: unknown): null {
    this.reading.unknown(name, this.place === '' ? 'the job' : this.place, value)
    return null
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
